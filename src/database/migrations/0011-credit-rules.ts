import type { MigrationInterface, QueryRunner } from 'typeorm';

const ACCOUNTS = ['available', 'held', 'consumed', 'external', 'promo', 'plan', 'expired', 'adjustment', 'receivable'];
const each = (text: (account: string) => string, between = ', '): string => ACCOUNTS.map(text).join(between);

/** Rows that billing only ever adds; they go with a purge that has begun, and in no other way. */
const INSERT_ONLY = ['credit_entries', 'credit_keys'];

/** What makes the books right whoever writes them: see src/billing/README.md. */
const STATEMENTS = [
  // Narrow rows that change all the time: room on the page, so that no index is touched.
  `alter table credit_accounts set (fillfactor = 50)`,
  `alter table credit_lots set (fillfactor = 50)`,
  `alter table credit_usage set (fillfactor = 50)`,

  // I3 and I4: balances are the sum of the entries, because they are made of them; and lots hold what is not used yet.
  // One look at each statement that adds entries, after everything else the statement does.
  `create function apply_credit_entries() returns trigger language plpgsql as $$
   declare
     organizations integer;
     accounts integer;
     wrong uuid;
   begin
     select count(distinct organization_id) into organizations from written;
     if organizations = 0 then return null; end if;
     update credit_accounts a set ${each((account) => `${account} = a.${account} + w.${account}`)},
       seq = w.last_seq, last_at = w.last_at
     from (select organization_id, count(*) as entries, max(seq) as last_seq, min(created_at) as first_at,
             max(created_at) as last_at, ${each((account) => `sum(${account})::bigint as ${account}`)}
           from written group by organization_id) w
     where a.organization_id = w.organization_id and w.last_seq = a.seq + w.entries and w.first_at >= a.last_at;
     get diagnostics accounts = row_count;
     if accounts <> organizations then
       raise exception 'credit_entries: numbers or instants do not follow the last entry' using errcode = 'check_violation';
     end if;
     select a.organization_id into wrong from written w join credit_accounts a
       on a.organization_id = w.organization_id and a.seq = w.seq
     where (w.available_after, w.held_after, w.consumed_after) <> (a.available, a.held, a.consumed)
       or (a.available >= 0 and a.available + a.held <> (
         select coalesce(sum(l.remaining), 0) from credit_lots l where l.organization_id = a.organization_id and l.open))
     limit 1;
     if found then
       raise exception 'credit_entries: balances and lots of % do not fit', wrong using errcode = 'check_violation';
     end if;
     return null;
   end $$`,
  `create trigger credit_entries_apply after insert on credit_entries
     referencing new table as written for each statement execute function apply_credit_entries()`,
  `create function refuse_balance() returns trigger language plpgsql as $$
   begin
     -- Depth 1: not from within the trigger above.
     if pg_trigger_depth() > 1 then return new; end if;
     raise exception 'balances change with entries only' using errcode = 'restrict_violation';
   end $$`,
  `create trigger credit_accounts_follow_entries before update on credit_accounts for each row
     when ((${each((account) => `old.${account}`)}, old.seq) is distinct from (${each((account) => `new.${account}`)}, new.seq))
     execute function refuse_balance()`,
  `create trigger credit_accounts_born_empty before insert on credit_accounts for each row
     when (new.seq <> 0 or ${each((account) => `new.${account} <> 0`, ' or ')}) execute function refuse_balance()`,

  // History: nothing is edited, and nothing goes but with its organization.
  `create function refuse_removal() returns trigger language plpgsql as $$
   begin
     if exists (select 1 from removed r join organizations o on o.id = r.organization_id where o.purge_started_at is null) then
       raise exception '% is insert-only', tg_table_name using errcode = 'restrict_violation';
     end if;
     return null;
   end $$`,
  ...INSERT_ONLY.flatMap((table) => [
    `create trigger ${table}_insert_only before update on ${table} for each row execute function refuse_change()`,
    `create trigger ${table}_no_truncate before truncate on ${table} for each statement execute function refuse_change()`,
    `create trigger ${table}_no_removal after delete on ${table}
       referencing old table as removed for each statement execute function refuse_removal()`,
  ]),

  // Charges look at the state of organization and unit under the account's lock. Whoever changes a state waits for it
  // here: so a charge is either committed before the change, or sees it (docs/decisions/0015).
  `create function await_credit_account() returns trigger language plpgsql as $$
   begin
     perform 1 from credit_accounts where organization_id = case tg_table_name when 'units'
       then (to_jsonb(new) ->> 'organization_id')::uuid else new.id end for no key update;
     return null;
   end $$`,
  ...['organizations', 'units'].map(
    (
      table,
    ) => `create trigger ${table}_await_credits after update of suspended_at, deleted_at, purge_started_at on ${table}
     for each row when ((old.suspended_at, old.deleted_at, old.purge_started_at)
       is distinct from (new.suspended_at, new.deleted_at, new.purge_started_at))
     execute function await_credit_account()`,
  ),
];

export class CreditRules1795296130377 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
