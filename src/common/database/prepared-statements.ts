import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

/** A pooler between us and the database lost the statement, or gave its name to somebody else. */
const LOST_STATEMENT = new Set(['26000', '42P05']);

/** Sends SQL to the pool of a data source as prepared statements, which TypeORM's own `query` never does. */
export function preparing(dataSource: DataSource): Pick<EntityManager, 'query'> {
  const names = new Map<string, string>();
  let prepares = true;
  const nameOf = (text: string): string => {
    const name = names.get(text) ?? `trellis_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
    names.set(text, name);
    return name;
  };
  return {
    query: async <T>(text: string, values: unknown[] = []): Promise<T> => {
      const { master: pool } = dataSource.driver as unknown as { master: Pool };
      if (prepares) {
        try {
          return (await pool.query({ name: nameOf(text), text, values })).rows as T;
        } catch (error) {
          if (!LOST_STATEMENT.has((error as { code?: string }).code ?? '')) throw error;
          prepares = false;
        }
      }
      return (await pool.query(text, values)).rows as T;
    },
  };
}
