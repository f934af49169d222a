-- Keeps published versions of documents as they are.
create or replace function refuse_content_change() returns trigger language plpgsql as $$
begin
  if old.published_at is not null and (tg_op = 'DELETE' or row(new.*) is distinct from row(old.*)) then
    raise exception 'published versions never change' using errcode = 'restrict_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;

create or replace trigger content_versions_immutable before update or delete on content_versions
  for each row execute function refuse_content_change();
