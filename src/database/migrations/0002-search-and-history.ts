import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the entities cannot say: search by parts of words, and events that nobody can edit. */
const STATEMENTS = [
  `create extension if not exists pg_trgm`,
  `create index organizations_search_idx on organizations
     using gin ((name || ' ' || slug || ' ' || coalesce(external_id, '')) gin_trgm_ops)`,
  `create index units_search_idx on units
     using gin ((name || ' ' || slug || ' ' || coalesce(external_id, '')) gin_trgm_ops)`,
  `create index users_search_idx on users using gin ((name || ' ' || email) gin_trgm_ops)`,
  `create function refuse_change() returns trigger language plpgsql as $$
   begin
     raise exception '% is insert-only', tg_table_name using errcode = 'restrict_violation';
   end $$`,
  `create trigger organization_events_insert_only before update on organization_events
     for each row execute function refuse_change()`,
  `create trigger operator_events_insert_only before update or delete on operator_events
     for each row execute function refuse_change()`,
  `create trigger organization_events_no_truncate before truncate on organization_events
     for each statement execute function refuse_change()`,
  `create trigger operator_events_no_truncate before truncate on operator_events
     for each statement execute function refuse_change()`,
];

export class SearchAndHistory1763740900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
