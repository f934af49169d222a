import {
  BooleanField,
  CreditsField,
  DateTimeField,
  DayOrTimeField,
  EnumField,
  IntegerField,
  ObjectField,
  ObjectListField,
  QueryIntegerField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { ENTRY_TYPES, type EntryType } from '../ledger/index.js';

export const USAGE_GROUPS = ['day', 'unit', 'member', 'cluster', 'kind'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export class DaysQuery {
  @DayOrTimeField({
    optional: true,
    description: 'The first day of the range, or a time on it. The default is 30 days before the end.',
  })
  from?: string;

  @DayOrTimeField({
    optional: true,
    description: 'The last day of the range, which is included, or a time on it or at its end. The default is today.',
  })
  to?: string;
}

export class UsageQuery extends DaysQuery {
  @EnumField(USAGE_GROUPS, { name: 'UsageGroup', optional: true, description: 'The default is `day`.' })
  groupBy?: UsageGroup;

  @UuidField({ optional: true })
  unitId?: string;

  @UuidField({ optional: true })
  memberId?: string;

  @UuidField({ optional: true })
  clusterId?: string;

  @TextField({ max: 64, optional: true, verbatim: true })
  kind?: string;

  @QueryIntegerField({
    min: 1,
    max: 1000,
    optional: true,
    description:
      'The maximum number of items, those with the most usage first. The default is 100. Does not apply to days.',
  })
  limit?: number;
}

export class UsageTotalView {
  @CreditsField({ zero: true })
  charged: string;

  @CreditsField({ zero: true, description: 'Credits refunded in this range, regardless of when they were charged.' })
  refunded: string;

  @CreditsField({ signed: true, zero: true, description: 'Charged minus refunded credits.' })
  net: string;

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER })
  charges: number;
}

export class UsageLineView extends UsageTotalView {
  @TextField({
    nullable: true,
    description: 'The day, the id of the unit, member or cluster, or the kind. Null for usage without one.',
  })
  key: string | null;

  @TextField({ nullable: true, description: 'The display name.' })
  name: string | null;

  @IntegerField({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    optional: true,
    description:
      'By unit, and for callers who see all usage: the artifacts that were registered in this range and still exist.',
  })
  artifacts?: number;

  @IntegerField({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    optional: true,
    description: 'The sum of their sizes, as far as they are known.',
  })
  artifactBytes?: number;
}

export class UsageView {
  @DateTimeField()
  from: string;

  @DateTimeField({ description: 'Not included.' })
  to: string;

  @TextField({ example: 'Europe/Berlin', description: 'The time zone of the days and months, from the operator.' })
  timeZone: string;

  @EnumField(USAGE_GROUPS, { name: 'UsageGroup' })
  groupBy: UsageGroup;

  @ObjectListField(() => UsageLineView, {
    description:
      'Days in chronological order. All other items with the most usage first, and then units with artifacts alone.',
  })
  items: UsageLineView[];

  @ObjectField(() => UsageTotalView, { description: 'The total, including items beyond `limit`.' })
  total: UsageTotalView;
}

export class ForecastView {
  @DateTimeField()
  asOf: string;

  @TextField({ example: 'Europe/Berlin', description: 'The time zone of the days and months, from the operator.' })
  timeZone: string;

  @CreditsField({ signed: true, zero: true })
  available: string;

  @CreditsField({
    signed: true,
    zero: true,
    description: 'The average net usage per day since `since`, as also shown by `credits`.',
  })
  perDay: string;

  @DateTimeField({ description: 'Seven days ago.' })
  since: string;

  @DateTimeField({ nullable: true, description: 'When the credits run out at this rate. Null when nothing is used.' })
  emptyAt: string | null;

  @CreditsField({ signed: true, zero: true, description: 'Net usage in this month so far.' })
  monthToDate: string;

  @CreditsField({ signed: true, zero: true, description: 'Expected net usage at the end of the month, at this rate.' })
  monthForecast: string;
}

export class BalanceDayView {
  @TextField({ example: '2026-01-31' })
  day: string;

  @CreditsField({ signed: true, zero: true, description: 'At the end of the day.' })
  available: string;

  @CreditsField({ zero: true, description: 'At the end of the day.' })
  held: string;
}

export class BalanceHistoryView {
  @DateTimeField()
  from: string;

  @DateTimeField({ description: 'Not included.' })
  to: string;

  @TextField({ example: 'Europe/Berlin', description: 'The time zone of the days and months, from the operator.' })
  timeZone: string;

  @ObjectListField(() => BalanceDayView)
  items: BalanceDayView[];
}

export const STATEMENT_FORMATS = ['json', 'csv', 'pdf'] as const;
export type StatementFormat = (typeof STATEMENT_FORMATS)[number];

export class StatementQuery {
  @EnumField(STATEMENT_FORMATS, { name: 'StatementFormat', optional: true, description: 'The default is `json`.' })
  format?: StatementFormat;
}

export class StatementBalanceView {
  @CreditsField({ signed: true, zero: true })
  available: string;

  @CreditsField({ zero: true })
  held: string;
}

export class StatementLineView {
  @EnumField(ENTRY_TYPES, { name: 'EntryType' })
  type: EntryType;

  @TextField({
    nullable: true,
    description:
      'The kind of usage. Null for other movements, and in sum for all kinds but the 100 that moved most credits.',
  })
  kind: string | null;

  @IntegerField({ min: 1, max: Number.MAX_SAFE_INTEGER })
  entries: number;

  @CreditsField({ signed: true, zero: true, description: 'The change of this balance.' })
  available: string;

  @CreditsField({ signed: true, zero: true, description: 'The change of this balance.' })
  held: string;
}

export class StatementDayView extends StatementLineView {
  @TextField({ example: '2026-01-31', description: "A day in the operator's time zone." })
  day: string;
}

/** The opening balance and the lines add up to the closing balance. Each line is a sum of entries. */
export class StatementView {
  @TextField({ example: '2026-01' })
  month: string;

  @DateTimeField()
  from: string;

  @DateTimeField({ description: 'Not included.' })
  to: string;

  @TextField({ example: 'Europe/Berlin', description: 'The time zone of the days and months, from the operator.' })
  timeZone: string;

  @BooleanField({ description: 'True if the month is over.' })
  complete: boolean;

  @ObjectField(() => StatementBalanceView)
  opening: StatementBalanceView;

  @ObjectListField(() => StatementLineView)
  lines: StatementLineView[];

  @ObjectListField(() => StatementDayView, { description: 'The same by day, in order. `kind` is also that of grants.' })
  days: StatementDayView[];

  @ObjectField(() => StatementBalanceView)
  closing: StatementBalanceView;

  @CreditsField({ zero: true })
  charged: string;

  @CreditsField({ zero: true })
  refunded: string;
}

/** Where a statement begins. */
export type StatementStart = Pick<StatementView, 'from' | 'to' | 'timeZone' | 'opening'>;

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;

export class EntryExportQuery extends DaysQuery {
  @EnumField(EXPORT_FORMATS, { name: 'EntryExportFormat', optional: true, description: 'The default is `csv`.' })
  format?: (typeof EXPORT_FORMATS)[number];
}
