import { createHash } from 'node:crypto';
import type { Pool, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import type { Send, StatementResult } from './reader.js';

/** Tells whether a pooler lost a prepared statement, or another client of the pooler uses its name. */
export const lostStatement = (error: unknown): boolean =>
  ['26000', '42P05'].includes((error as { code?: string }).code ?? '');

/** Sends statements to the pool as prepared statements, which TypeORM never does. */
export function preparedSend(dataSource: DataSource): Send {
  const names = new Map<string, string>();
  let prepares = true;
  const nameOf = (text: string): string => {
    const name = names.get(text) ?? `trellis_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
    names.set(text, name);
    return name;
  };
  return async (text, values) => {
    const { master: pool } = dataSource.driver as unknown as { master: Pool };
    if (prepares) {
      try {
        return resultOf(await pool.query({ name: nameOf(text), text, values }));
      } catch (error) {
        if (!lostStatement(error)) throw error;
        prepares = false;
      }
    }
    return resultOf(await pool.query(text, values));
  };
}

const resultOf = ({ rows, rowCount }: QueryResult): StatementResult => ({ rows, count: rowCount ?? 0 });
