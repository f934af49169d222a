import { currencyOf, toCredits } from '../common/money/index.js';
import { PageQuery } from '../common/pagination/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  DecimalsField,
  EnumField,
  EtagField,
  IntegerField,
  IsCurrency,
  QueryBooleanField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import type { Plan } from './plan.entity.js';
import { versionAndEtag } from '../http/index.js';

const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;
const MAX_INTEGER = 2_147_483_647;

const SEATS = {
  min: 1,
  max: 1_000_000,
  description: 'Limit of active members and open invitations. Null for no limit.',
};
const UNITS = { min: 1, max: 1_000_000, description: 'Null for no limit.' };
const MONTHLY = {
  zero: true,
  description: 'Granted at the start of each period. Unused credits expire at its end.',
  example: '500',
};
const PRICE = { min: 0, max: MAX_INTEGER, description: 'In the smallest unit of the currency.', example: 4900 };
const CURRENCY = { min: 3, max: 3, pattern: /^[A-Z]{3}$/, description: 'ISO 4217.', example: 'EUR' };
const TRIAL = { min: 0, max: 365, description: 'Trial days, for organizations that never had a subscription.' };
const DEFAULT = { description: 'Whether new organizations start with this plan. Replaces the previous default plan.' };
const SELF_SERVICE = { description: 'Whether organizations can choose it themselves. Otherwise staff assign it.' };

export class PlanQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name.' })
  q?: string;

  @QueryBooleanField({ description: 'Lists archived ones instead.' })
  archived?: boolean;

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export class CreatePlan {
  @TextField({ max: 100, example: 'Team' })
  name: string;

  @TextField({ max: 500, optional: true, nullable: true })
  description?: string | null;

  @IntegerField({ ...SEATS, optional: true, nullable: true })
  seatLimit?: number | null;

  @IntegerField({ ...UNITS, optional: true, nullable: true })
  unitLimit?: number | null;

  @CreditsField({ ...MONTHLY, optional: true, default: '0' })
  monthlyCredits?: string;

  @IntegerField({ ...PRICE, optional: true, default: 0 })
  priceMinor?: number;

  @TextField({ ...CURRENCY, optional: true, default: 'EUR' })
  @IsCurrency()
  currency?: string;

  @IntegerField({ ...TRIAL, optional: true, default: 0 })
  trialDays?: number;

  @BooleanField({ ...DEFAULT, optional: true, default: false })
  isDefault?: boolean;

  @BooleanField({ ...SELF_SERVICE, optional: true, default: true })
  selfService?: boolean;
}

/** Limits apply at once, credits and price from the next period. */
export class PatchPlan {
  @TextField({ max: 100, optional: true })
  name?: string;

  @TextField({ max: 500, optional: true, nullable: true })
  description?: string | null;

  @IntegerField({ ...SEATS, optional: true, nullable: true })
  seatLimit?: number | null;

  @IntegerField({ ...UNITS, optional: true, nullable: true })
  unitLimit?: number | null;

  @CreditsField({ ...MONTHLY, optional: true })
  monthlyCredits?: string;

  @IntegerField({ ...PRICE, optional: true })
  priceMinor?: number;

  @TextField({ ...CURRENCY, optional: true })
  @IsCurrency()
  currency?: string;

  @IntegerField({ ...TRIAL, optional: true })
  trialDays?: number;

  @BooleanField({ ...DEFAULT, optional: true })
  isDefault?: boolean;

  @BooleanField({ ...SELF_SERVICE, optional: true })
  selfService?: boolean;
}

export class PlanView {
  @UuidField()
  id: string;

  @TextField({ max: 100 })
  name: string;

  @TextField({ max: 500, nullable: true })
  description: string | null;

  @IntegerField({ ...SEATS, nullable: true })
  seatLimit: number | null;

  @IntegerField({ ...UNITS, nullable: true })
  unitLimit: number | null;

  @CreditsField(MONTHLY)
  monthlyCredits: string;

  @IntegerField(PRICE)
  priceMinor: number;

  @TextField(CURRENCY)
  currency: string;

  @DecimalsField()
  currencyDecimals: number;

  @IntegerField(TRIAL)
  trialDays: number;

  @BooleanField()
  isDefault: boolean;

  @BooleanField(SELF_SERVICE)
  selfService: boolean;

  @DateTimeField({ nullable: true, description: 'When the plan was archived. It cannot be chosen since.' })
  archivedAt: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: MAX_INTEGER })
  version: number;

  @EtagField()
  etag: string;
}

export const toPlanView = (plan: Plan): PlanView => ({
  id: plan.id,
  name: plan.name,
  description: plan.description,
  seatLimit: plan.seatLimit,
  unitLimit: plan.unitLimit,
  monthlyCredits: toCredits(BigInt(plan.monthlyCredits)),
  priceMinor: plan.priceMinor,
  currency: plan.currency,
  currencyDecimals: currencyOf(plan.currency).decimals,
  trialDays: plan.trialDays,
  isDefault: plan.isDefault,
  selfService: plan.selfService,
  archivedAt: plan.archivedAt?.toISOString() ?? null,
  createdAt: plan.createdAt.toISOString(),
  updatedAt: plan.updatedAt.toISOString(),
  ...versionAndEtag(plan.version),
});
