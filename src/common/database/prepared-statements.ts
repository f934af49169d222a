import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

/** A pooler between us and the database lost a prepared statement, or gave its name to somebody else. */
export const lostStatement = (error: unknown): boolean =>
  ['26000', '42P05'].includes((error as { code?: string }).code ?? '');

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
          if (!lostStatement(error)) throw error;
          prepares = false;
        }
      }
      return (await pool.query(text, values)).rows as T;
    },
  };
}
