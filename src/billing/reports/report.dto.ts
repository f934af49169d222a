import {
  BooleanField,
  CreditsField,
  DateTimeField,
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
  @DateTimeField({ optional: true, description: 'From the day of it on, in UTC; thirty days back unless given.' })
  from?: string;

  @DateTimeField({ optional: true, description: 'Up to it, the day that it is in included; until now unless given.' })
  to?: string;
}

export class UsageQuery extends DaysQuery {
  @EnumField(USAGE_GROUPS, { name: 'UsageGroup', optional: true, description: '`day` unless given.' })
  groupBy?: UsageGroup;

  @UuidField({ optional: true })
  unitId?: string;

  @UuidField({ optional: true })
  memberId?: string;

  @UuidField({ optional: true })
  clusterId?: string;

  @TextField({ max: 64, optional: true })
  kind?: string;

  @QueryIntegerField({
    min: 1,
    max: 1000,
    optional: true,
    description: 'The greatest so many, 100 unless given. Days are never left out.',
  })
  limit?: number;
}

export class UsageTotalView {
  @CreditsField({ zero: true })
  charged: string;

  @CreditsField({ zero: true, description: 'Given back in this time, whenever it was charged.' })
  refunded: string;

  @CreditsField({ signed: true, zero: true, description: 'Charged less refunded.' })
  net: string;

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER })
  charges: number;
}

export class UsageLineView extends UsageTotalView {
  @TextField({ nullable: true, description: 'The day, the id of unit, member or cluster, or the kind; null: of none.' })
  key: string | null;

  @TextField({ nullable: true, description: 'What people call it.' })
  name: string | null;
}

export class UsageView {
  @DateTimeField()
  from: string;

  @DateTimeField({ description: 'Not included.' })
  to: string;

  @EnumField(USAGE_GROUPS, { name: 'UsageGroup' })
  groupBy: UsageGroup;

  @ObjectListField(() => UsageLineView, { description: 'Days in their order, everything else the greatest first.' })
  items: UsageLineView[];

  @ObjectField(() => UsageTotalView, { description: 'Of all there is, also of what `limit` leaves out.' })
  total: UsageTotalView;
}

export class ForecastView {
  @DateTimeField()
  asOf: string;

  @CreditsField({ signed: true, zero: true })
  available: string;

  @CreditsField({
    signed: true,
    zero: true,
    description: 'Net usage of a day, on average since `since`: the pace that `credits` tells as well.',
  })
  perDay: string;

  @DateTimeField({ description: 'Seven days back.' })
  since: string;

  @DateTimeField({ nullable: true, description: 'When nothing is left at this pace; null when nothing is used.' })
  emptyAt: string | null;

  @CreditsField({ signed: true, zero: true, description: 'Net usage of this month in UTC so far.' })
  monthToDate: string;

  @CreditsField({ signed: true, zero: true, description: 'And at its end, at this pace.' })
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

  @ObjectListField(() => BalanceDayView)
  items: BalanceDayView[];
}

export const STATEMENT_FORMATS = ['json', 'csv', 'pdf'] as const;
export type StatementFormat = (typeof STATEMENT_FORMATS)[number];

export class StatementQuery {
  @EnumField(STATEMENT_FORMATS, { name: 'StatementFormat', optional: true, description: '`json` unless given.' })
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

  @TextField({ nullable: true, description: 'Of what is used.' })
  kind: string | null;

  @IntegerField({ min: 1, max: Number.MAX_SAFE_INTEGER })
  entries: number;

  @CreditsField({ signed: true, zero: true, description: 'What it changed.' })
  available: string;

  @CreditsField({ signed: true, zero: true, description: 'What it changed.' })
  held: string;
}

/** Opening and lines add up to closing, and lines are sums of entries. */
export class StatementView {
  @TextField({ example: '2026-01' })
  month: string;

  @DateTimeField()
  from: string;

  @DateTimeField({ description: 'Not included.' })
  to: string;

  @BooleanField({ description: 'The month is over.' })
  complete: boolean;

  @ObjectField(() => StatementBalanceView)
  opening: StatementBalanceView;

  @ObjectListField(() => StatementLineView)
  lines: StatementLineView[];

  @ObjectField(() => StatementBalanceView)
  closing: StatementBalanceView;

  @CreditsField({ zero: true })
  charged: string;

  @CreditsField({ zero: true })
  refunded: string;
}

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;

export class EntryExportQuery extends DaysQuery {
  @EnumField(EXPORT_FORMATS, { name: 'EntryExportFormat', optional: true, description: '`csv` unless given.' })
  format?: (typeof EXPORT_FORMATS)[number];
}
