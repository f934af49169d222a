-- Adds new entries to the balances of their accounts, then checks both against the lots. Balances are therefore always
-- the sum of the entries, and lots hold what is not used yet. Runs once per statement that inserts entries, and as one
-- statement, because starting a statement takes longer than the work (see src/billing/README.md).
create or replace function apply_credit_entries() returns trigger language plpgsql as $$
declare
  organizations integer;
  accounts integer;
  wrong uuid;
begin
  with w as (
    select organization_id, count(*) as entries, max(seq) as last_seq, min(created_at) as first_at,
      max(created_at) as last_at, sum(available)::bigint as available, sum(held)::bigint as held,
      sum(consumed)::bigint as consumed, sum(external)::bigint as external, sum(promo)::bigint as promo,
      sum(plan)::bigint as plan, sum(expired)::bigint as expired, sum(adjustment)::bigint as adjustment,
      sum(receivable)::bigint as receivable
    from written group by organization_id
  ), c as (
    update credit_accounts a set available = a.available + w.available, held = a.held + w.held,
      consumed = a.consumed + w.consumed, external = a.external + w.external, promo = a.promo + w.promo,
      plan = a.plan + w.plan, expired = a.expired + w.expired, adjustment = a.adjustment + w.adjustment,
      receivable = a.receivable + w.receivable,
      seq = w.last_seq, last_at = w.last_at
    from w where a.organization_id = w.organization_id and w.last_seq = a.seq + w.entries and w.first_at >= a.last_at
    returning a.organization_id, a.seq, a.available, a.held, a.consumed
  )
  select (select count(*) from w), (select count(*) from c),
    (select c.organization_id from c join written e on e.organization_id = c.organization_id and e.seq = c.seq
     where (e.available_after, e.held_after, e.consumed_after) <> (c.available, c.held, c.consumed)
       or (c.available >= 0 and c.available + c.held <> (
         select coalesce(sum(l.remaining), 0) from credit_lots l where l.organization_id = c.organization_id and l.open))
     limit 1)
  into organizations, accounts, wrong;
  if accounts <> organizations then
    raise exception 'credit_entries: numbers or instants do not follow the last entry' using errcode = 'check_violation';
  end if;
  if wrong is not null then
    raise exception 'credit_entries: balances and lots of % do not fit', wrong using errcode = 'check_violation';
  end if;
  return null;
end $$;

create or replace trigger credit_entries_apply after insert on credit_entries
  referencing new table as written for each statement execute function apply_credit_entries();
