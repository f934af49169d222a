-- Lets billing history be deleted only by the purge of its organization.
create or replace function refuse_removal() returns trigger language plpgsql as $$
begin
  if exists (select 1 from removed r join organizations o on o.id = r.organization_id where o.purge_started_at is null) then
    raise exception '% is insert-only', tg_table_name using errcode = 'restrict_violation';
  end if;
  return null;
end $$;

create or replace trigger credit_entries_no_removal after delete on credit_entries
  referencing old table as removed for each statement execute function refuse_removal();
create or replace trigger credit_keys_no_removal after delete on credit_keys
  referencing old table as removed for each statement execute function refuse_removal();
