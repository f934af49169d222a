-- Deletes usage that was counted in windows of another time zone. It is counted again from the entries when it is needed.
create or replace function forget_usage_windows() returns trigger language plpgsql as $$
begin
  delete from credit_usage u using organizations o
  where o.operator_id = new.id and u.organization_id = o.id and u.period <> 'lifetime';
  return null;
end $$;

create or replace trigger operators_forget_usage_windows after update of time_zone on operators
  for each row when (old.time_zone is distinct from new.time_zone) execute function forget_usage_windows();
