import { Injectable } from '@nestjs/common';
import type { Reader } from '../../database/index.js';
import { dailySums, dayOf, type EntryType, NO_SUBJECT_ID } from '../ledger/index.js';
import { type DayRange, wholeMonths } from './day-range.js';
import type { UsageGroup } from './report.dto.js';

/** Selects the usage to report. */
export interface UsageFilter {
  unitId?: string | undefined;
  memberId?: string | undefined;
  clusterId?: string | undefined;
  kind?: string | undefined;
  /** The part that the caller may see. */
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

/** Numbers are text, as the database returns them. */
export interface UnitArtifacts {
  unitId: string;
  name: string;
  artifacts: string;
  bytes: string;
}

export interface MovementRow {
  day: string;
  type: EntryType;
  /** Null for kinds that have no row of their own. */
  kind: string | null;
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

/**
 * Selects entries that are not in the daily totals of the time zone $4 yet. The order and limit make PostgreSQL use the index on `seq`, because
 * it overestimates the number of these entries.
 */
const NOT_ROLLED_UP = `(select n.* from credit_entries n where n.organization_id = $1
    and n.seq > coalesce((select r.seq from credit_rollups r where r.organization_id = $1 and r.time_zone = $4), 0) order by n.seq limit 1000000000)`;

const rolledUp = (condition: string): string =>
  `select d.day, d.type, d.kind, d.unit_id, d.member_id, d.cluster_id, d.entries, d.available, d.held, d.consumed
   from credit_rollups r join credit_days d on d.organization_id = r.organization_id
   where r.organization_id = $1 and r.time_zone = $4 and ${condition}`;

/** Selects the entries from day $2 to before day $3. */
const IN_RANGE = `${dayOf('$4')} >= $2::date and ${dayOf('$4')} < $3::date`;

/**
 * Selects sums of the entries from day $2 to before day $3: the daily totals and the entries after them, in one snapshot.
 * Reports therefore always match the entries, regardless of how far the totals have been computed.
 */
const rowsOf = (days: string): string => `(
  ${days}
  union all
  select t.day, t.type, t.kind, t.unit_id, t.member_id, t.cluster_id, t.entries, t.available, t.held, t.consumed
  from (${dailySums(IN_RANGE, '$4', NOT_ROLLED_UP)}) t)`;

/** Sums by day, type and kind. */
const TOTALS = rowsOf(rolledUp(`d.level = 'total' and d.day >= $2::date and d.day < $3::date`));

/** Sums by day and every dimension. */
const DAYS = rowsOf(rolledUp(`d.level = 'day' and d.day >= $2::date and d.day < $3::date`));

/** Like `DAYS`, with monthly sums for the whole months from $5 to before $6. */
const MONTHS = rowsOf(
  [
    rolledUp(`d.level = 'day' and d.day >= $2::date and d.day < $5::date`),
    rolledUp(`d.level = 'month' and d.day >= $5::date and d.day < $6::date`),
    rolledUp(`d.level = 'day' and d.day >= $6::date and d.day < $3::date`),
  ].join('\n  union all\n  '),
);

/** Sums of one API key, which the daily totals do not distinguish. */
const ROWS_OF_KEY = `(${dailySums(
  `e.organization_id = $1 and e.api_key_id = $5 and e.created_at >= $2::date - interval '2 days'
    and e.created_at < $3::date + interval '2 days' and ${IN_RANGE}`,
  '$4',
)})`;

/** Collects the conditions of a query and numbers their parameters. */
class Conditions {
  /** Usage at price 0 consumes nothing. */
  readonly parts: string[] = ["(x.consumed <> 0 or x.type = 'charge')"];

  constructor(readonly values: unknown[]) {}

  add(sql: string, value: unknown): void {
    if (value !== undefined) this.parts.push(sql.replace('?', `$${this.values.push(value)}`));
  }
}

/** Returns the coarsest rows that distinguish the requested groups and filters, with their parameters. */
function sourceOf(
  organizationId: string,
  days: DayRange,
  groupBy: UsageGroup,
  filter: UsageFilter,
): { rows: string; values: unknown[] } {
  const values: unknown[] = [organizationId, days.from, days.to, days.timeZone];
  if (filter.onlyApiKey !== undefined) return { rows: ROWS_OF_KEY, values: [...values, filter.onlyApiKey] };
  const { unitId, memberId, clusterId, onlyMember, onlyUnits } = filter;
  const narrow = [unitId, memberId, clusterId, onlyMember, onlyUnits].some((one) => one !== undefined);
  if (!narrow && (groupBy === 'day' || groupBy === 'kind')) return { rows: TOTALS, values };
  const whole = wholeMonths(days);
  if (groupBy === 'day' || !whole) return { rows: DAYS, values };
  return { rows: MONTHS, values: [...values, whole.from, whole.to] };
}

@Injectable()
export class ReportStore {
  /** Returns usage by group, most usage first or days in order. Each row contains the totals of all groups. */
  usage(
    reader: Reader,
    organizationId: string,
    days: DayRange,
    { groupBy, limit, filter }: { groupBy: UsageGroup; limit: number; filter: UsageFilter },
  ): Promise<UsageRow[]> {
    const { rows, values } = sourceOf(organizationId, days, groupBy, filter);
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
             coalesce(sum(x.entries) filter (where x.consumed > 0 or x.type = 'charge'), 0) as charges
           from ${rows} x where ${where.parts.join(' and ')} group by 1
         ) g
       ) g where g.place <= $${values.push(limit)} order by g.place`,
      values,
    );
  }

  /** Counts the artifacts that were registered in a range of days, by unit, in a table of a module above. */
  artifacts(
    reader: Reader,
    organizationId: string,
    { from, to }: { from: Date; to: Date },
    unitId: string | undefined,
  ): Promise<UnitArtifacts[]> {
    return reader.rows<UnitArtifacts>(
      `select u.id as "unitId", u.name, count(*) as artifacts,
         least(coalesce(sum(a.size_bytes), 0), ${Number.MAX_SAFE_INTEGER}) as bytes
       from artifacts a join units u on u.organization_id = a.organization_id and u.id = a.unit_id
       where a.organization_id = $1 and a.created_at >= $2 and a.created_at < $3 and ($4::uuid is null or a.unit_id = $4)
       group by u.id, u.name order by u.name, u.id`,
      [organizationId, from, to, unitId ?? null],
    );
  }

  /**
   * Returns all movements by day, type and kind, days in order. Callers choose the kinds of usage, so only those that moved
   * most have rows of their own. The kind of the others is null.
   */
  movements(reader: Reader, organizationId: string, days: DayRange, maxKinds: number): Promise<MovementRow[]> {
    return reader.rows<MovementRow>(
      `with m as materialized (
         select x.day, x.type, x.kind, sum(x.entries) as entries, sum(x.available) as available, sum(x.held) as held,
           sum(x.consumed) as consumed
         from ${TOTALS} x group by x.day, x.type, x.kind
       ), k as (
         select kind from m group by kind order by sum(abs(available) + abs(held)) desc, sum(entries) desc, kind limit $5
       )
       select to_char(m.day, 'YYYY-MM-DD') as day, m.type, k.kind, sum(m.entries) as entries,
         sum(m.available) as available, sum(m.held) as held, sum(m.consumed) as consumed
       from m left join k on k.kind = m.kind group by m.day, m.type, k.kind order by m.day, m.type, k.kind`,
      [organizationId, days.from, days.to, days.timeZone, maxKinds],
    );
  }

  /** Returns the change of the balance on each day with entries. */
  changes(
    reader: Reader,
    organizationId: string,
    days: DayRange,
  ): Promise<{ day: string; available: string; held: string }[]> {
    return reader.rows(
      `select to_char(x.day, 'YYYY-MM-DD') as day, sum(x.available) as available, sum(x.held) as held
       from ${TOTALS} x group by x.day order by x.day`,
      [organizationId, days.from, days.to, days.timeZone],
    );
  }
}
