import type { DataSource, EntityManager } from 'typeorm';
import { DatabaseError } from './database-error.js';

/** The collation of names, which a migration creates. */
const COLLATION = 'people';

/** Names are sorted by ICU, which a PostgreSQL can be built without. */
export async function assertSortable(dataSource: DataSource): Promise<void> {
  const [found] = await dataSource.query<{ icu: boolean }[]>(
    `select exists (select from pg_collation where collprovider = 'i') as icu`,
  );
  if (!found?.icu)
    throw new DatabaseError(
      'the PostgreSQL of DATABASE_URL was built without ICU, by which Trellis sorts names: use one with ICU',
    );
}

/**
 * Rebuilds the indexes on names when PostgreSQL got another version of ICU, which may sort in another order. An index in
 * the old order would hide rows. Returns the indexes.
 */
export async function refreshNameOrder(manager: EntityManager): Promise<string[]> {
  const [changed] = await manager.query<{ oid: number }[]>(
    `select oid from pg_collation where collname = $1 and collnamespace = current_schema()::regnamespace
       and collversion is distinct from pg_collation_actual_version(oid)`,
    [COLLATION],
  );
  if (!changed) return [];
  const indexes = await manager.query<{ name: string }[]>(
    `select distinct i.indexrelid::regclass::text as name from pg_depend d join pg_index i on i.indexrelid = d.objid
     where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_collation'::regclass and d.refobjid = $1 order by 1`,
    [changed.oid],
  );
  for (const { name } of indexes) await manager.query(`reindex index ${name}`);
  await manager.query(`alter collation ${COLLATION} refresh version`);
  return indexes.map(({ name }) => name);
}
