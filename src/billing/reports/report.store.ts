import { Injectable } from '@nestjs/common';
import type { Reader } from '../../common/database/index.js';
import { dailySums, type EntryType, NO_SUBJECT_ID } from '../ledger/index.js';
import { type Days, dayText, wholeMonths } from './days.js';
import type { UsageGroup } from './report.dto.js';

/** Whose usage is asked for. */
export interface UsageFilter {
  unitId?: string | undefined;
  memberId?: string | undefined;
  clusterId?: string | undefined;
  kind?: string | undefined;
  /** What the caller may see. */
  onlyMember?: string;
  onlyUnits?: readonly string[];
  onlyApiKey?: string;
}

export interface UsageRow {
  key: string | null;
  name: string | null;
  charged: string;
  refunded: string;
  charges: string;
  totalCharged: string;
  totalRefunded: string;
  totalCharges: string;
}

export interface MovementRow {
  type: EntryType;
  kind: string;
  entries: string;
  available: string;
  held: string;
  consumed: string;
}

const KEY_OF: Record<UsageGroup, string> = {
  day: `to_char(x.day, 'YYYY-MM-DD')`,
  unit: `nullif(x.unit_id, '${NO_SUBJECT_ID}')::text`,
  member: `nullif(x.member_id, '${NO_SUBJECT_ID}')::text`,
  cluster: `nullif(x.cluster_id, '${NO_SUBJECT_ID}')::text`,
  kind: 'x.kind',
};

const NAME_OF: Record<UsageGroup, string> = {
  day: 'g.key',
  unit: '(select u.name from units u where u.organization_id = $1 and u.id = g.key::uuid)',
  member: '(select u.name from users u where u.id = g.key::uuid)',
  cluster: '(select c.name from clusters c where c.id = g.key::uuid)',
  kind: 'g.key',
};

/** What came after what is counted. Sorted and limited so that it is found by its number: few, of which the database expects many. */
const UNCOUNTED = `(select n.* from credit_entries n where n.organization_id = $1
    and n.seq > coalesce((select r.seq from credit_rollups r where r.organization_id = $1), 0) order by n.seq limit 1000000000)`;

const counted = (condition: string): string =>
  `select d.day, d.type, d.kind, d.unit_id, d.member_id, d.cluster_id, d.entries, d.available, d.held, d.consumed
   from credit_days d where d.organization_id = $1 and ${condition}`;

/**
 * Alike entries of days from $2 on and before $3, of one moment: what is counted and, each by itself, the entries that came after. So a
 * report always is what the entries say, however far the counting has come.
 */
const rowsOf = (days: string): string => `(
  ${days}
  union all
  select t.day, t.type, t.kind, t.unit_id, t.member_id, t.cluster_id, t.entries, t.available, t.held, t.consumed
  from (${dailySums(`e.created_at >= $2::date::timestamp at time zone 'UTC' and e.created_at < $3::date::timestamp at time zone 'UTC'`, UNCOUNTED)}) t)`;

/** Told apart by day, type and kind alone. */
const TOTALS = rowsOf(counted(`d.level = 'total' and d.day >= $2::date and d.day < $3::date`));

/** Told apart by everything. */
const DAYS = rowsOf(counted(`d.level = 'day' and d.day >= $2::date and d.day < $3::date`));

/** The same, but the whole months from $4 on and before $5 as months. */
const MONTHS = rowsOf(
  [
    counted(`d.level = 'day' and d.day >= $2::date and d.day < $4::date`),
    counted(`d.level = 'month' and d.day >= $4::date and d.day < $5::date`),
    counted(`d.level = 'day' and d.day >= $5::date and d.day < $3::date`),
  ].join('\n  union all\n  '),
);

/** The same of one API key, which days do not tell apart. */
const ROWS_OF_KEY = `(${dailySums(`e.organization_id = $1 and e.api_key_id = $4 and e.created_at >= $2::date::timestamp at time zone 'UTC'
    and e.created_at < $3::date::timestamp at time zone 'UTC'`)})`;

/** Parameters of a statement, numbered as they come. */
class Conditions {
  readonly parts: string[] = ['x.consumed <> 0'];

  constructor(readonly values: unknown[]) {}

  add(sql: string, value: unknown): void {
    if (value !== undefined) this.parts.push(sql.replace('?', `$${this.values.push(value)}`));
  }
}

/** The coarsest rows that tell apart what is asked for, and their parameters. */
function sourceOf(
  organizationId: string,
  { from, to }: Days,
  groupBy: UsageGroup,
  filter: UsageFilter,
): { rows: string; values: unknown[] } {
  const values: unknown[] = [organizationId, dayText(from), dayText(to)];
  if (filter.onlyApiKey !== undefined) return { rows: ROWS_OF_KEY, values: [...values, filter.onlyApiKey] };
  const { unitId, memberId, clusterId, onlyMember, onlyUnits } = filter;
  const narrow = [unitId, memberId, clusterId, onlyMember, onlyUnits].some((one) => one !== undefined);
  if (!narrow && (groupBy === 'day' || groupBy === 'kind')) return { rows: TOTALS, values };
  const whole = wholeMonths({ from, to });
  if (groupBy === 'day' || !whole) return { rows: DAYS, values };
  return { rows: MONTHS, values: [...values, dayText(whole.from), dayText(whole.to)] };
}

@Injectable()
export class ReportStore {
  /** The greatest first, days in their order; each row with the totals of all. */
  usage(
    reader: Reader,
    organizationId: string,
    { from, to }: Days,
    { groupBy, limit, filter }: { groupBy: UsageGroup; limit: number; filter: UsageFilter },
  ): Promise<UsageRow[]> {
    const { rows, values } = sourceOf(organizationId, { from, to }, groupBy, filter);
    const where = new Conditions(values);
    where.add('x.unit_id = ?', filter.unitId);
    where.add('x.member_id = ?', filter.memberId);
    where.add('x.cluster_id = ?', filter.clusterId);
    where.add('x.kind = ?', filter.kind);
    where.add('x.member_id = ?', filter.onlyMember);
    where.add('x.unit_id = any (?::uuid[])', filter.onlyUnits);
    const order = groupBy === 'day' ? 'g.key' : 'g.charged - g.refunded desc, g.key';
    return reader.rows<UsageRow>(
      `select g.key, ${NAME_OF[groupBy]} as name, g.charged, g.refunded, g.charges, g."totalCharged", g."totalRefunded", g."totalCharges"
       from (
         select g.*, sum(g.charged) over () as "totalCharged", sum(g.refunded) over () as "totalRefunded",
           sum(g.charges) over () as "totalCharges", row_number() over (order by ${order}) as place
         from (
           select ${KEY_OF[groupBy]} as key, coalesce(sum(x.consumed) filter (where x.consumed > 0), 0) as charged,
             coalesce(- sum(x.consumed) filter (where x.consumed < 0), 0) as refunded,
             coalesce(sum(x.entries) filter (where x.consumed > 0), 0) as charges
           from ${rows} x where ${where.parts.join(' and ')} group by 1
         ) g
       ) g where g.place <= $${values.push(limit)} order by g.place`,
      values,
    );
  }

  /** Everything that moved, by what it was. */
  movements(reader: Reader, organizationId: string, { from, to }: Days): Promise<MovementRow[]> {
    return reader.rows<MovementRow>(
      `select x.type, x.kind, sum(x.entries) as entries, sum(x.available) as available, sum(x.held) as held, sum(x.consumed) as consumed
       from ${TOTALS} x group by x.type, x.kind order by x.type, x.kind`,
      [organizationId, dayText(from), dayText(to)],
    );
  }

  /** What each day with entries changed. */
  changes(
    reader: Reader,
    organizationId: string,
    { from, to }: Days,
  ): Promise<{ day: string; available: string; held: string }[]> {
    return reader.rows(
      `select to_char(x.day, 'YYYY-MM-DD') as day, sum(x.available) as available, sum(x.held) as held
       from ${TOTALS} x group by x.day order by x.day`,
      [organizationId, dayText(from), dayText(to)],
    );
  }

  /** When something was charged for the first time ever. */
  async firstCharge(reader: Reader, organizationId: string): Promise<Date | null> {
    const row = await reader.maybe<{ createdAt: Date }>(
      `select e.created_at as "createdAt" from credit_entries e
       where e.organization_id = $1 and e.consumed > 0 order by e.created_at, e.seq limit 1`,
      [organizationId],
    );
    return row?.createdAt ?? null;
  }
}
