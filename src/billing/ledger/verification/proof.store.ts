import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import { ACCOUNTS } from '../decisions/state.js';
import { WRONG_DAYS } from '../usage/usage-rollup.store.js';

/** One rule of the ledger, and the number of rows that break it. */
export interface Check {
  name: string;
  broken: number;
}

const sums = ACCOUNTS.map((account) => `coalesce(sum(e.${account}), 0) as ${account}`).join(', ');
const differs = ACCOUNTS.map((account) => `a.${account} <> s.${account}`).join(' or ');
const total = ACCOUNTS.map((account) => `e.${account}`).join(' + ');

/**
 * Each statement counts the rows that break a rule. $1 is the organization. The checks sum over all rows, independently
 * of the code that maintains the ledger.
 */
const CHECKS: Record<string, string> = {
  'I1 every entry sums to zero': `select count(*) from credit_entries e where e.organization_id = $1 and ${total} <> 0`,
  'I2 available is at least minus the overdraft limit, held at least 0': `select count(*) from credit_accounts a
    where a.organization_id = $1 and (a.available < - a.overdraft_limit or a.held < 0)`,
  'I3 balances are the sums of the entries': `select count(*) from credit_accounts a
    cross join lateral (select ${sums}, count(*) as entries, coalesce(max(e.seq), 0) as seq from credit_entries e
      where e.organization_id = $1) s
    where a.organization_id = $1 and (${differs} or a.seq <> s.seq or s.entries <> s.seq)`,
  'I3 every entry records the balances after it': `select count(*) from (
      select e.available_after <> sum(e.available) over w or e.held_after <> sum(e.held) over w
        or e.consumed_after <> sum(e.consumed) over w as wrong
      from credit_entries e where e.organization_id = $1 window w as (order by e.seq)) x where x.wrong`,
  'I4 lots add up to the available and held credits': `select count(*) from credit_accounts a where a.organization_id = $1
    and a.available >= 0 and a.available + a.held <> (
      select coalesce(sum(l.remaining), 0) from credit_lots l where l.organization_id = $1)`,
  'I4 lots match their entries': `select count(*) from credit_lots l full join (
      select (c ->> 0)::uuid as id, sum((c ->> 1)::bigint) as remaining, sum((c ->> 2)::bigint) as reserved
      from credit_entries e cross join lateral jsonb_array_elements(e.lots || coalesce(e.settled, '[]')) c
      where e.organization_id = $1 group by 1) s on s.id = l.id
    where coalesce(l.organization_id, $1) = $1
      and (l.id is null or s.id is null or l.remaining <> s.remaining or l.reserved <> s.reserved)`,
  'I5 captures do not exceed holds, refunds do not exceed charges': `select
    (select count(*) from credit_holds h where h.organization_id = $1 and h.captured > h.amount)
    + (select count(*) from credit_refunds r
       join credit_entries e on e.organization_id = $1 and e.id = r.charge_id
       where r.organization_id = $1 and (r.refunded > e.consumed or r.charged <> e.consumed or r.refunded <> (
         select coalesce(sum(b.amount), 0) from credit_entries b
         where b.organization_id = $1 and b.type = 'refund' and b.source_id = r.charge_id)))`,
  'I5 claw-backs do not exceed grants, and the owed amount matches them': `select
    (select count(*) from (select e.source_id from credit_entries e where e.organization_id = $1
       and e.type in ('grant', 'claw_back', 'claw_back_release', 'dispute', 'dispute_release') and e.source_id is not null
       group by e.source_id having sum(e.external) > 0) x)
    + (select count(*) from credit_accounts a where a.organization_id = $1 and a.owed <> (
       select coalesce(-sum(e.receivable), 0) from credit_entries e
       where e.organization_id = $1 and e.type in ('claw_back', 'claw_back_release', 'settlement')))`,
  'I6 open holds add up to the held credits, and each is resolved once': `select
    (select count(*) from credit_accounts a where a.organization_id = $1 and a.held <> (
       select coalesce(sum(h.amount), 0) from credit_holds h where h.organization_id = $1 and h.state = 'open'))
    + (select count(*) from (
       select e.source_id from credit_entries e where e.organization_id = $1 and e.held < 0
       group by e.source_id having count(*) > 1) x)`,
  'I7 every amount is more than 0, except of free usage': `select count(*) from credit_entries e where e.organization_id = $1 and (e.amount < 0 or e.amount = 0 and e.type <> 'charge')`,
  'I8 an accepted key has one entry': `select count(*) from (
      select k.seq from credit_keys k left join credit_entries e on e.organization_id = $1 and e.seq = k.seq
      where k.organization_id = $1 and k.seq is not null group by k.seq having count(*) > 1 or count(e.seq) <> 1) x`,
  'I9 every second of a run is charged once': `select count(*) from runs r left join (
      select coalesce(h.run_id, e.source_id) as run_id, sum(e.consumed) as consumed from credit_entries e
      left join credit_holds h on h.organization_id = $1 and h.id = e.source_id
      where e.organization_id = $1 and e.consumed > 0 and e.source_id is not null group by 1) s on s.run_id = r.id
    where r.organization_id = $1 and r.charged <> coalesce(s.consumed, 0)`,
  'reports are sums of the entries': WRONG_DAYS,
};

@Injectable()
export class ProofStore {
  /** Runs every check for one organization, in one snapshot. */
  async check(reader: Reader, organizationId: string): Promise<{ entries: number; checks: Check[] }> {
    const counts = Object.values(CHECKS).map((sql, index) => `(${sql}) as c${index}`);
    const row = await reader.one<Record<string, string>>(
      `select (select coalesce(max(seq), 0) from credit_entries where organization_id = $1) as entries, ${counts.join(', ')}`,
      [organizationId],
    );
    const checks = Object.keys(CHECKS).map((name, index) => ({ name, broken: Number(row[`c${index}`]) }));
    return { entries: Number(row.entries), checks };
  }
}
