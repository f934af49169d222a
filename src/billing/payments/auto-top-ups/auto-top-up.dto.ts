import { toCredits } from '../../../common/money/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  EtagField,
  IntegerField,
  ObjectField,
  TextField,
} from '../../../common/validation/index.js';
import { PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';
import type { AutoTopUp } from '../auto-top-up-settings/auto-top-up.entity.js';
import { versionAndEtag } from '../../../http/index.js';

const THRESHOLD = { description: 'Credits are bought when the available balance falls below this.' };
const AMOUNT = { description: 'The number of credits to buy each time. Give either this or `target`.' };
const TARGET = { description: 'The balance to fill up to, greater than the threshold. Give either this or `amount`.' };
const DAY = { description: 'The maximum number of credits to buy per day in the time zone of the operator.' };
const MONTH = { description: 'The maximum number of credits to buy per month in the time zone of the operator.' };

export class PutAutoTopUp {
  @BooleanField()
  enabled: boolean;

  @CreditsField(THRESHOLD)
  threshold: string;

  @CreditsField({ optional: true, nullable: true, ...AMOUNT })
  amount?: string | null;

  @CreditsField({ optional: true, nullable: true, ...TARGET })
  target?: string | null;

  @CreditsField({ optional: true, nullable: true, ...DAY })
  dailyCap?: string | null;

  @CreditsField({ optional: true, nullable: true, ...MONTH })
  monthlyCap?: string | null;

  @TextField({
    max: 200,
    optional: true,
    description:
      'The saved payment method to charge, by its id or by the id of the top-up that saved it. The default is the most recently saved ' +
      'method. In the sandbox, `pm_sandbox_pays` and `pm_sandbox_declines` are available without saving one.',
  })
  paymentMethodId?: string;
}

export class PaymentMethodView {
  @EnumField(PROVIDER_NAMES, { name: 'PaymentProvider' })
  provider: ProviderName;

  @TextField({ example: 'pm_sandbox_pays' })
  id: string;
}

export class AutoTopUpView {
  @BooleanField()
  enabled: boolean;

  @CreditsField({ nullable: true, ...THRESHOLD })
  threshold: string | null;

  @CreditsField({ nullable: true, ...AMOUNT })
  amount: string | null;

  @CreditsField({ nullable: true, ...TARGET })
  target: string | null;

  @CreditsField({ nullable: true, ...DAY })
  dailyCap: string | null;

  @CreditsField({ nullable: true, ...MONTH })
  monthlyCap: string | null;

  @ObjectField(() => PaymentMethodView, { nullable: true })
  paymentMethod: PaymentMethodView | null;

  @IntegerField({
    min: 0,
    max: 3,
    description: 'The number of consecutive declined payments. The third switches automatic top-up off.',
  })
  declines: number;

  @DateTimeField({ nullable: true, description: 'While it waits, the earliest time of the next attempt.' })
  nextAttemptAt: string | null;

  @TextField({
    nullable: true,
    description:
      'Why automatic top-up waits for its next attempt: `declined`, `daily_cap`, `monthly_cap`, `amount_too_large`, `amount_too_small` or ' +
      '`payment_method_not_accepted`.',
  })
  delayedBecause: string | null;

  @TextField({
    nullable: true,
    description:
      'Why the server switched automatic top-up off: `declined`, `payment_method_removed`, `payment_refunded` or `payment_disputed`. ' +
      'Saving the settings switches it on again.',
  })
  stoppedBecause: string | null;

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'Increases with each change. Used as the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

const credits = (micro: string | null): string | null => (micro === null ? null : toCredits(BigInt(micro)));

const isWaiting = ({ enabled, delayedBecause }: AutoTopUp): boolean => enabled && delayedBecause !== null;

export const toAutoTopUpView = (row: AutoTopUp | null): AutoTopUpView => ({
  enabled: row?.enabled ?? false,
  threshold: credits(row?.threshold ?? null),
  amount: credits(row?.amount ?? null),
  target: credits(row?.target ?? null),
  dailyCap: credits(row?.dailyCap ?? null),
  monthlyCap: credits(row?.monthlyCap ?? null),
  paymentMethod: row?.method ? { provider: row.method.provider, id: row.method.id } : null,
  declines: row?.declines ?? 0,
  nextAttemptAt: row && isWaiting(row) ? row.nextAttemptAt.toISOString() : null,
  delayedBecause: row && isWaiting(row) ? row.delayedBecause : null,
  stoppedBecause: row?.stoppedBecause ?? null,
  ...versionAndEtag(row?.version ?? 0),
});
