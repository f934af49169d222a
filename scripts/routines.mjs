// The functions and triggers of the database: what src/database/sql says, and what a database has.
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../src/database/sql/', import.meta.url);

const IN_DATABASE = `
  select 'function ' || p.proname as name, pg_get_functiondef(p.oid) as text
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'public' and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  union all
  select 'trigger ' || t.tgname, pg_get_triggerdef(t.oid)
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and not t.tgisinternal
  order by name`;

/** Returns the text of each file. */
const sqlFiles = () =>
  readdirSync(FOLDER)
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8').trim() }));

/**
 * Compares the functions and triggers of a database with the files, in a transaction that is rolled back.
 *
 * @param {{ query(text: string): Promise<{ rows: any[] }> }} client one connection
 * @param {string[]} statements what to run first: changes of tables that the files rely on
 * @returns {Promise<{ changed: { name: string, text: string }[], unknown: string[] }>} the files that would change the
 *   database, and what the database has although no file defines it
 */
export async function compareRoutines(client, statements = []) {
  const current = async () => new Map((await client.query(IN_DATABASE)).rows.map(({ name, text }) => [name, text]));
  await client.query('begin');
  try {
    for (const statement of statements) await client.query(statement);
    const before = await current();
    const defined = new Set();
    const changed = [];
    for (const file of sqlFiles()) {
      for (const name of before.keys()) if (mentions(file.text, name)) defined.add(name);
      const earlier = await current();
      await client.query(file.text);
      const later = await current();
      if ([...later].some(([name, text]) => earlier.get(name) !== text)) changed.push(file);
    }
    return { changed, unknown: [...before.keys()].filter((name) => !defined.has(name)) };
  } finally {
    await client.query('rollback');
  }
}

/** `create or replace function x(` or `create or replace trigger x `. */
const mentions = (text, name) => new RegExp(`create or replace ${name}\\b`).test(text);
