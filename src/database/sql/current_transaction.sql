-- Returns the number of the current transaction, by which those who read the log of events as it grows find their place.
create or replace function current_transaction() returns bigint language sql volatile as $$
  select pg_current_xact_id()::text::bigint
$$;
