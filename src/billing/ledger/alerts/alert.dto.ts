import { commonErrors } from '../../../common/errors/index.js';
import { toCredits, toMicro } from '../../../common/money/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  EtagField,
  IntegerField,
  ObjectListField,
  UuidField,
} from '../../../common/validation/index.js';
import { ALERT_KINDS, type AlertKind, type CreditAlert } from './alert.entity.js';
import { versionAndEtag } from '../../../http/index.js';

const KIND = {
  name: 'CreditAlertKind',
  description:
    '`balance`: available falls below `amount`. `timeToZero`: at the rate of the last seven days, credits run out in fewer than `hours`. ' +
    '`emptyFor`: nothing has been available for `days`.',
};
const HOURS = { min: 1, max: 8_760 };
const DAYS = { min: 1, max: 365 };

class AlertLevel {
  @CreditsField({ optional: true, description: 'For kind `balance`.' })
  amount?: string;

  @IntegerField({ ...HOURS, optional: true, description: 'For kind `timeToZero`.' })
  hours?: number;

  @IntegerField({ ...DAYS, optional: true, description: 'For kind `emptyFor`.' })
  days?: number;

  @BooleanField({ optional: true, default: true })
  enabled?: boolean;
}

export class CreateAlert extends AlertLevel {
  @EnumField(ALERT_KINDS, { optional: true, default: 'balance', ...KIND })
  kind?: AlertKind;
}

export class PatchAlert extends AlertLevel {}

export class AlertView {
  @UuidField()
  id: string;

  @EnumField(ALERT_KINDS, KIND)
  kind: AlertKind;

  @CreditsField({ nullable: true })
  amount: string | null;

  @IntegerField({ ...HOURS, nullable: true })
  hours: number | null;

  @IntegerField({ ...DAYS, nullable: true })
  days: number | null;

  @BooleanField()
  enabled: boolean;

  @DateTimeField({ nullable: true })
  lastFiredAt: string | null;

  @UuidField()
  createdBy: string;

  @DateTimeField()
  createdAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647, description: 'Increases with each change and serves as the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

export class AlertListView {
  @ObjectListField(() => AlertView)
  items: AlertView[];
}

const FIELD = { balance: 'amount', timeToZero: 'hours', emptyFor: 'days' } as const;

/** Reads the threshold from the field of its kind. Returns undefined if it was not given. */
export function thresholdOf(kind: AlertKind, input: AlertLevel, required: boolean): string | undefined {
  const own = FIELD[kind];
  const errors = Object.values(FIELD)
    .filter((field) => (field === own ? required && input[field] === undefined : input[field] !== undefined))
    .map((field) => ({
      field,
      message: field === own ? `${field} is required` : `${field} must be omitted for this kind`,
    }));
  if (errors.length > 0) throw commonErrors.validation_failed({ errors });
  const given = input[own];
  return typeof given === 'string' ? String(toMicro(given)) : given?.toString();
}

export const levelFields = ({ kind, threshold }: Pick<CreditAlert, 'kind' | 'threshold'>) => ({
  amount: kind === 'balance' ? toCredits(BigInt(threshold)) : null,
  hours: kind === 'timeToZero' ? Number(threshold) : null,
  days: kind === 'emptyFor' ? Number(threshold) : null,
});

/** Describes for an email why the alert fired. */
export const reasonOf = ({ kind, threshold }: Pick<CreditAlert, 'kind' | 'threshold'>): string =>
  kind === 'balance'
    ? `fewer than ${toCredits(BigInt(threshold))} are left`
    : kind === 'timeToZero'
      ? `they last for fewer than ${threshold} hours`
      : `there have been none for ${threshold} ${threshold === '1' ? 'day' : 'days'}`;

export const toAlertView = (row: CreditAlert): AlertView => ({
  id: row.id,
  kind: row.kind,
  ...levelFields(row),
  enabled: row.enabled,
  lastFiredAt: row.lastFiredAt?.toISOString() ?? null,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  ...versionAndEtag(row.version),
});
