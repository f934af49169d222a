-- Makes a change of state wait for running charges. Charges read the state of organization and unit under the account's
-- lock, so a charge either commits before the change or sees it (docs/decisions/0015-group-commit.md).
create or replace function await_credit_account() returns trigger language plpgsql as $$
begin
  perform 1 from credit_accounts where organization_id = case tg_table_name when 'units'
    then (to_jsonb(new) ->> 'organization_id')::uuid else new.id end for no key update;
  return null;
end $$;

create or replace trigger organizations_await_credits
  after update of suspended_at, deleted_at, purge_started_at on organizations for each row
  when ((old.suspended_at, old.deleted_at, old.purge_started_at)
    is distinct from (new.suspended_at, new.deleted_at, new.purge_started_at))
  execute function await_credit_account();
create or replace trigger units_await_credits
  after update of suspended_at, deleted_at, purge_started_at on units for each row
  when ((old.suspended_at, old.deleted_at, old.purge_started_at)
    is distinct from (new.suspended_at, new.deleted_at, new.purge_started_at))
  execute function await_credit_account();
