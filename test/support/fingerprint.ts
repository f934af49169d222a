import { createHash } from 'node:crypto';
import type { TestApp } from './test-app.js';

/**
 * Counters of tries, which count refused requests too, and what jobs write in the background: the days of entries, and the
 * hourly anchor of each chain of events.
 */
const UNSTEADY = [
  'attempts',
  'refused_attempts',
  'credit_rollups',
  'credit_days',
  'operator_event_chains',
  'organization_event_chains',
  'webhook_cursors',
];

/** What every table holds, as one hash each: two of them are equal when nothing has changed in between. */
export async function fingerprint(
  { sql }: Pick<TestApp, 'sql'>,
  except: readonly string[] = [],
): Promise<Record<string, string>> {
  const { rows } = await sql.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
       and relname <> all ($1) order by 1`,
    [[...UNSTEADY, ...except]],
  );
  const hashes = rows.map(
    ({ name }) =>
      `select '${name}' as name, md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) as hash from ${name} t`,
  );
  const text = hashes.join(' union all ');
  // Prepared, because planning it takes longer than running it.
  const statement = `fingerprint_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  const result = await sql.query<{ name: string; hash: string }>({ name: statement, text });
  return Object.fromEntries(result.rows.map(({ name, hash }) => [name, hash]));
}
