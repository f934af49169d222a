-- Lets balances change only through entries.
create or replace function refuse_balance() returns trigger language plpgsql as $$
begin
  -- A greater depth means that apply_credit_entries makes the change.
  if pg_trigger_depth() > 1 then return new; end if;
  raise exception 'balances change with entries only' using errcode = 'restrict_violation';
end $$;

create or replace trigger credit_accounts_follow_entries before update on credit_accounts for each row
  when ((old.available, old.held, old.consumed, old.external, old.promo, old.plan, old.expired, old.adjustment,
      old.receivable, old.seq)
    is distinct from (new.available, new.held, new.consumed, new.external, new.promo, new.plan, new.expired, new.adjustment,
      new.receivable, new.seq))
  execute function refuse_balance();
create or replace trigger credit_accounts_born_empty before insert on credit_accounts for each row
  when (new.seq <> 0 or new.available <> 0 or new.held <> 0 or new.consumed <> 0 or new.external <> 0 or new.promo <> 0
    or new.plan <> 0 or new.expired <> 0 or new.adjustment <> 0 or new.receivable <> 0)
  execute function refuse_balance();
