import type pg from 'pg';

const OWN = `n.nspname = 'public'`;

/** Each query returns statements, in the order in which they must run. Rows come before everything that looks at them. */
const STRUCTURE = [
  `select 'create extension if not exists ' || extname as sql from pg_extension where extname <> 'plpgsql' order by 1`,
  `select 'create sequence ' || c.relname as sql from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where ${OWN} and c.relkind = 'S' order by 1`,
  `select format(E'create table %s (\\n  %s)%s', c.relname,
     string_agg(format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
       ' default ' || pg_get_expr(d.adbin, d.adrelid), case when a.attnotnull then ' not null' end), E',\\n  ' order by a.attnum),
     ' with (' || array_to_string(c.reloptions, ', ') || ')') as sql
   from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where ${OWN} and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped group by c.oid, c.relname, c.reloptions
   order by c.relname`,
];
const RULES = [
  `select format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as sql
   from pg_constraint c join pg_namespace n on n.oid = c.connamespace where ${OWN} and c.contype in ('p', 'u', 'c', 'f')
   order by c.contype = 'f', c.contype <> 'p', 1`,
  `select pg_get_indexdef(i.indexrelid) as sql from pg_index i join pg_class c on c.oid = i.indexrelid
   join pg_namespace n on n.oid = c.relnamespace
   where ${OWN} and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
   order by 1`,
  `select pg_get_functiondef(p.oid) as sql from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where ${OWN} and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by p.proname`,
  `select pg_get_triggerdef(t.oid) as sql from pg_trigger t join pg_class c on c.oid = t.tgrelid
   join pg_namespace n on n.oid = c.relnamespace where ${OWN} and not t.tgisinternal order by 1`,
];

async function statements(sql: pg.Pool, queries: readonly string[]): Promise<string[]> {
  const results: string[] = [];
  for (const query of queries) {
    const { rows } = await sql.query<{ sql: string }>(query);
    results.push(...rows.map((row) => `${row.sql.trim()};`));
  }
  return results;
}

/** Returns the schema as SQL text, tables and columns in a fixed order. */
export const schemaOf = async (sql: pg.Pool): Promise<string[]> => [
  ...(await statements(sql, STRUCTURE)),
  ...(await statements(sql, RULES)),
];

/** Returns the rows of each table as one statement. */
async function rowsOf(sql: pg.Pool): Promise<string[]> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where ${OWN} and c.relkind = 'r' order by 1`,
  );
  const inserts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql.query<{ row: string }>(`select row_to_json(t)::text as row from ${name} t order by 1`);
    if (rows.length === 0) continue;
    const lines = rows.map(({ row }) => row).join(',\n');
    inserts.push(
      `insert into ${name} select * from json_populate_recordset(null::${name}, $rows$[\n${lines}\n]$rows$);`,
    );
  }
  return inserts;
}

/** Returns a whole database as SQL text that makes it in an empty one. */
export async function dump(sql: pg.Pool): Promise<string> {
  const sequences = `select format('select setval(%L, (select max(id) from migrations))', 'migrations_id_seq') as sql`;
  const parts = [
    ...(await statements(sql, STRUCTURE)),
    ...(await rowsOf(sql)),
    ...(await statements(sql, [sequences])),
    ...(await statements(sql, RULES)),
  ];
  return `${parts.join('\n\n')}\n`;
}
