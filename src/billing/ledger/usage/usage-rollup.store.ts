import { Injectable } from '@nestjs/common';
import { type Reader, type Tx, isNotDelayed } from '../../../database/index.js';
import { ACCOUNTS } from '../decisions/state.js';

/** Stands for no unit, member or cluster in `credit_days`. */
export const NO_SUBJECT_ID = '00000000-0000-0000-0000-000000000000';

const KEYS = ['level', 'day', 'type', 'kind', 'unit_id', 'member_id', 'cluster_id'];
const SUMS = ['entries', ...ACCOUNTS];

/**
 * Cluster of a run, or of the charge that a refund is for. A subquery instead of a join: after a burst into a new organization
 * the database expects a handful of entries, and would compare each of them with all others.
 */
const CLUSTER = `coalesce(e.detail ->> 'clusterId', case when e.type = 'refund' then (select c.detail ->> 'clusterId'
    from credit_entries c where c.organization_id = e.organization_id and c.id = e.source_id) end)::uuid`;

/** SQL of the day of an entry `e`. `timeZone` is SQL, too. */
export const dayOf = (timeZone: string): string => `(e.created_at at time zone ${timeZone})::date`;

/** SQL that sums entries `e` per day as rows of `credit_days`, without organization and level. */
export const dailySums = (condition: string, timeZone: string, entries = 'credit_entries'): string => `
  select ${dayOf(timeZone)} as day, e.type, e.kind, coalesce(e.unit_id, '${NO_SUBJECT_ID}') as unit_id,
    coalesce(e.member_id, '${NO_SUBJECT_ID}') as member_id, coalesce(${CLUSTER}, '${NO_SUBJECT_ID}') as cluster_id,
    count(*) as entries, ${ACCOUNTS.map((account) => `sum(e.${account}) as ${account}`).join(', ')}
  from ${entries} e
  where ${condition} group by 1, 2, 3, 4, 5, 6`;

/** SQL that sums the rows of the query named `days` at every level. */
const atEveryLevel = (days: string): string => {
  const sums = SUMS.map((sum) => `sum(${sum})`).join(', ');
  const noSubject = `'${NO_SUBJECT_ID}'::uuid`;
  return `select 'day' as level, * from ${days}
    union all select 'month', date_trunc('month', day)::date, type, kind, unit_id, member_id, cluster_id, ${sums} from ${days}
      group by 1, 2, 3, 4, 5, 6, 7
    union all select 'total', day, type, kind, ${noSubject}, ${noSubject}, ${noSubject}, ${sums} from ${days} group by 1, 2, 3, 4`;
};

@Injectable()
export class UsageRollupStore {
  /** Finds organizations with entries that are not summed yet, or whose days are those of another time zone. */
  async findBehind(reader: Reader, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select a.organization_id as id from credit_accounts a
       join organizations o on o.id = a.organization_id join operators p on p.id = o.operator_id
       left join credit_rollups r on r.organization_id = a.organization_id
       where (a.seq > coalesce(r.seq, 0) or r.time_zone <> p.time_zone)
         and ${isNotDelayed('UsageRollupJob', 'a.organization_id')} limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Sums the next `limit` entries. Returns true when there may be more, and false also while another server is at it or once the
   * purge has begun. Entries are numbered without gaps in commit order, so none is missed.
   */
  async fold(tx: Tx, organizationId: string, limit: number): Promise<boolean> {
    // A shared lock: the purge waits for this transaction, and later ones find the purge started.
    const living = await tx.rows<unknown>(
      'select 1 from organizations where id = $1 and purge_started_at is null for share',
      [organizationId],
    );
    if (living.length === 0) return false;
    await tx.execute(
      `insert into credit_rollups (organization_id, seq, time_zone)
       select a.organization_id, 0, p.time_zone from credit_accounts a
       join organizations o on o.id = a.organization_id join operators p on p.id = o.operator_id
       where a.organization_id = $1 on conflict do nothing`,
      [organizationId],
    );
    const rollup = await tx.maybe<{ seq: string; last: string; moved: boolean; timeZone: string }>(
      `select r.seq, least(r.seq + $2, a.seq) as last, r.time_zone <> p.time_zone as moved, p.time_zone as "timeZone"
       from credit_rollups r join credit_accounts a on a.organization_id = r.organization_id
       join organizations o on o.id = a.organization_id join operators p on p.id = o.operator_id
       where r.organization_id = $1 for update of r skip locked`,
      [organizationId, limit],
    );
    if (rollup?.moved) {
      await this.reset(tx, organizationId, rollup.timeZone);
      return true;
    }
    if (!rollup || BigInt(rollup.last) <= BigInt(rollup.seq)) return false;
    await tx.execute(
      `with days as materialized (${dailySums('e.organization_id = $1 and e.seq > $2 and e.seq <= $3', '$4')})
       insert into credit_days as d (organization_id, ${[...KEYS, ...SUMS].join(', ')})
       select $1, x.* from (${atEveryLevel('days')}) x
       on conflict (organization_id, ${KEYS.join(', ')}) do update set
         ${SUMS.map((sum) => `${sum} = d.${sum} + excluded.${sum}`).join(', ')}`,
      [organizationId, rollup.seq, rollup.last, rollup.timeZone],
    );
    await tx.execute('update credit_rollups set seq = $2 where organization_id = $1', [organizationId, rollup.last]);
    return BigInt(rollup.last) - BigInt(rollup.seq) === BigInt(limit);
  }

  /** Counts rows of `credit_days` that differ from the sums of the entries. */
  async countWrongDays(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ count: string }>(WRONG_DAYS, [organizationId]);
    return Number(row.count);
  }

  /** Deletes the sums of an organization, so that they are computed again. */
  async reset(tx: Tx, organizationId: string, timeZone: string | null = null): Promise<void> {
    await tx.execute('select 1 from credit_rollups where organization_id = $1 for update', [organizationId]);
    await tx.execute('delete from credit_days where organization_id = $1', [organizationId]);
    await tx.execute(
      'update credit_rollups set seq = 0, time_zone = coalesce($2, time_zone) where organization_id = $1',
      [organizationId, timeZone],
    );
  }
}

/** SQL of `countWrongDays`; $1 is the organization. */
export const WRONG_DAYS = `select count(*) from (select * from credit_days where organization_id = $1) d full join (
    with days as materialized (${dailySums(`e.organization_id = $1 and e.seq <= coalesce((select r.seq from credit_rollups r where r.organization_id = $1), 0)`, '(select r.time_zone from credit_rollups r where r.organization_id = $1)')})
    ${atEveryLevel('days')}) s
    on ${KEYS.map((key) => `s.${key} = d.${key}`).join(' and ')}
  where ${SUMS.map((sum) => `d.${sum} is distinct from s.${sum}`).join(' or ')}`;
