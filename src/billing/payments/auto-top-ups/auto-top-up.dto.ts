import { toCredits } from '../../../common/money/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  ObjectField,
  TextField,
} from '../../../common/validation/index.js';
import { PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';
import type { AutoTopUp } from '../auto-top-up-settings/auto-top-up.entity.js';

const THRESHOLD = { description: 'It buys when available falls below this.' };
const AMOUNT = { description: 'So many each time; or `target`.' };
const TARGET = { description: 'As many as are missing to this; more than the threshold. Or `amount`.' };
const DAY = { description: 'At most so many credits a day (UTC).' };
const MONTH = { description: 'At most so many credits a month (UTC).' };

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
      'What pays: a saved method of payment, by its id or that of the top-up with `savePaymentMethod` it came with. Unless given the ' +
      'last that was saved. In the sandbox also `pm_sandbox_pays`, which is there without saving any, or `pm_sandbox_declines`.',
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

  @IntegerField({ min: 0, max: 3, description: 'Declined payments in a row; the third switches it off.' })
  declines: number;

  @DateTimeField({ nullable: true, description: 'After a decline: not before then.' })
  nextAttemptAt: string | null;

  @TextField({
    nullable: true,
    description: 'Why it is off though nobody switched it off: `declined`, `payment_method_removed`.',
  })
  stoppedBecause: string | null;

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'Rises with each change; the ETag.' })
  version: number;
}

const credits = (micro: string | null): string | null => (micro === null ? null : toCredits(BigInt(micro)));

export const toAutoTopUpView = (row: AutoTopUp | null): AutoTopUpView => ({
  enabled: row?.enabled ?? false,
  threshold: credits(row?.threshold ?? null),
  amount: credits(row?.amount ?? null),
  target: credits(row?.target ?? null),
  dailyCap: credits(row?.dailyCap ?? null),
  monthlyCap: credits(row?.monthlyCap ?? null),
  paymentMethod: row?.method ? { provider: row.method.provider, id: row.method.id } : null,
  declines: row?.declines ?? 0,
  nextAttemptAt: row && row.declines > 0 && row.enabled ? row.nextAttemptAt.toISOString() : null,
  stoppedBecause: row?.stoppedBecause ?? null,
  version: row?.version ?? 0,
});
