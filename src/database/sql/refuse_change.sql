-- Makes history insert-only: events, and what billing only ever adds.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is insert-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create or replace trigger organization_events_insert_only before update on organization_events
  for each row execute function refuse_change();
create or replace trigger organization_events_no_truncate before truncate on organization_events
  for each statement execute function refuse_change();

create or replace trigger operator_events_insert_only before update or delete on operator_events
  for each row execute function refuse_change();
create or replace trigger operator_events_no_truncate before truncate on operator_events
  for each statement execute function refuse_change();

create or replace trigger credit_entries_insert_only before update on credit_entries
  for each row execute function refuse_change();
create or replace trigger credit_entries_no_truncate before truncate on credit_entries
  for each statement execute function refuse_change();

create or replace trigger credit_keys_insert_only before update on credit_keys
  for each row execute function refuse_change();
create or replace trigger credit_keys_no_truncate before truncate on credit_keys
  for each statement execute function refuse_change();
