import { readFileSync } from 'node:fs';
import { DataSource } from 'typeorm';
import pg from 'pg';
import { compareRoutines } from '../scripts/routines.mjs';
import { dataSourceOptions } from '../src/database/data-source.js';
import { migrate } from '../src/database/migrate.js';
import { migrations } from '../src/database/migrations/index.js';
import { dropDatabase, startTestApp, type TestApp } from './support/test-app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const ORGANIZATION = 'organization_id';

/** Tables with an organization_id that the organization does not own, and their owner. */
const NOT_OWNED: Record<string, string> = {
  idempotency_keys: 'a caller: of the request with the key; the purge removes those whose path named the organization',
  refresh_tokens: 'a person: of the session it continues; the column only remembers which organization was entered',
  session_claims: 'a person: of the session that began with them, in the organization whose provider said them',
  verified_domains: 'an operator: which of its organizations a proved domain belongs to, one at most',
};

/** Foreign keys without an index, and why they need none. */
const UNSUPPORTED: Record<string, string> = {
  sessions_operator_id_fkey: 'an operator is never removed and never gets another id',
  mails_operator_id_fkey: 'an operator is never removed and never gets another id',
  organization_logos_organization_id_unit_id_fkey:
    "the primary key leads to the organization's logos, of which there are a handful: unused ones go with each change",
};

type Queryable = Pick<pg.PoolClient, 'query'>;

interface Key {
  name: string;
  columns: string[];
}

interface ForeignKey extends Key {
  target: string;
  targetColumns: string[];
}

interface TableShape {
  name: string;
  columns: string[];
  primaryKey: string[];
  /** Unique constraints and unique indexes. */
  unique: Key[];
  foreignKeys: ForeignKey[];
  /** Column lists of usable indexes, in order. */
  indexes: string[][];
}

const attributes = (table: string, numbers: string) => `array(
  select coalesce(a.attname, '')::text from unnest(${numbers}) with ordinality as n(attnum, position)
  left join pg_attribute a on a.attrelid = ${table} and a.attnum = n.attnum order by position)`;

/** An expression in an index has no column and shows as ''. Partial indexes support a foreign key only over its own rows. */
const SHAPES = `
  select t.relname as name,
    array(select a.attname::text from pg_attribute a
      where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns,
    coalesce((select ${attributes('t.oid', 'i.indkey::int2[]')} from pg_index i
      where i.indrelid = t.oid and i.indisprimary), '{}') as "primaryKey",
    coalesce((select jsonb_agg(jsonb_build_object('name', c.relname,
        'columns', ${attributes('t.oid', 'i.indkey::int2[]')}) order by c.relname)
      from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = t.oid and i.indisunique and not i.indisprimary), '[]') as unique,
    coalesce((select jsonb_agg(jsonb_build_object('name', c.conname, 'target', c.confrelid::regclass::text,
        'columns', ${attributes('t.oid', 'c.conkey')},
        'targetColumns', ${attributes('c.confrelid', 'c.confkey')}) order by c.conname)
      from pg_constraint c where c.conrelid = t.oid and c.contype = 'f'), '[]') as "foreignKeys",
    coalesce((select jsonb_agg(${attributes('t.oid', 'i.indkey::int2[]')})
      from pg_index i where i.indrelid = t.oid and i.indisvalid
        and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$')), '[]') as indexes
  from pg_class t join pg_namespace n on n.oid = t.relnamespace
  where n.nspname = 'public' and t.relkind in ('r', 'p') order by t.relname`;

const shapes = async (client: Queryable): Promise<TableShape[]> => (await client.query<TableShape>(SHAPES)).rows;

const isOwned = (table: TableShape | undefined): boolean =>
  table !== undefined && table.columns.includes(ORGANIZATION) && !(table.name in NOT_OWNED);

/** Rules that keep an organization's rows together on one server. */
function faultsOfOwned(table: TableShape, owned: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  if (table.primaryKey[0] !== ORGANIZATION) faults.push(`${table.name}: the primary key does not begin with it`);
  for (const { name, columns } of table.unique) {
    if (columns[0] !== ORGANIZATION) faults.push(`${table.name}: ${name} is unique and does not begin with it`);
  }
  for (const { name, columns, target, targetColumns } of table.foreignKeys) {
    if (!owned.has(target)) continue;
    if (columns[0] !== ORGANIZATION || targetColumns[0] !== ORGANIZATION) {
      faults.push(`${table.name}: ${name} leads to ${target} without it`);
    }
  }
  return faults;
}

/** A table without organization_id must not reach an organization, neither directly nor through another table. */
function faultsOfReference(table: TableShape, owned: ReadonlySet<string>): string[] {
  return table.foreignKeys.flatMap(({ name, target }) => {
    if (owned.has(target)) return `${table.name}: ${name} leads from a reference table to ${target}`;
    if (target === 'organizations')
      return `${table.name}: ${name} names organizations, but the table has no ${ORGANIZATION}`;
    return [];
  });
}

async function tenancyFaults(client: Queryable): Promise<string[]> {
  const tables = await shapes(client);
  const owned = new Set(tables.filter(isOwned).map(({ name }) => name));
  return tables.flatMap((table) => (isOwned(table) ? faultsOfOwned(table, owned) : faultsOfReference(table, owned)));
}

/** Foreign keys whose columns are not the first ones of any index, in any order. */
async function unsupportedForeignKeys(client: Queryable): Promise<string[]> {
  const supports = (index: string[], columns: string[]) =>
    columns.every((column) => index.slice(0, columns.length).includes(column));
  return (await shapes(client)).flatMap(({ foreignKeys, indexes }) =>
    foreignKeys.filter(({ columns }) => !indexes.some((index) => supports(index, columns))).map(({ name }) => name),
  );
}

/** Runs `work` in a transaction that is rolled back. */
async function rolledBack<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
  const client = await app.sql.connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('the tables of an organization', () => {
  it('have only keys that begin with the organization', async () => {
    expect(await tenancyFaults(app.sql)).toEqual([]);
  });

  it('include at least these, and the exceptions are still accurate', async () => {
    const tables = await shapes(app.sql);
    const owned = tables.filter(isOwned).map(({ name }) => name);
    expect(owned).toEqual(
      expect.arrayContaining(['organization_events', 'organization_members', 'unit_members', 'unit_settings', 'units']),
    );
    expect(owned).not.toContain('organizations');
    for (const name of Object.keys(NOT_OWNED)) {
      expect(tables.find((table) => table.name === name)?.columns).toContain(ORGANIZATION);
    }
  });

  it.each([
    [
      'a primary key of its own',
      'create table bad (organization_id uuid not null references organizations, id uuid primary key)',
      ['bad: the primary key does not begin with it'],
    ],
    [
      'no primary key',
      'create table bad (organization_id uuid not null references organizations)',
      ['bad: the primary key does not begin with it'],
    ],
    [
      'the organization last in its key',
      'create table bad (organization_id uuid, id uuid, primary key (id, organization_id))',
      ['bad: the primary key does not begin with it'],
    ],
    [
      'something unique over all organizations',
      'create table bad (organization_id uuid, id uuid, code text unique, primary key (organization_id, id))',
      ['bad: bad_code_key is unique and does not begin with it'],
    ],
    [
      'a unique index over all organizations',
      `create table bad (organization_id uuid, id uuid, code text, primary key (organization_id, id));
       create unique index bad_code_idx on bad (lower(code), organization_id) where code is not null`,
      ['bad: bad_code_idx is unique and does not begin with it'],
    ],
    [
      'a foreign key within the organization that does not say which',
      `create table bad_parent (organization_id uuid, id uuid, primary key (organization_id, id));
       create table bad (organization_id uuid, id uuid, parent uuid, parent_organization uuid,
         primary key (organization_id, id),
         constraint bad_fkey foreign key (parent_organization, parent) references bad_parent)`,
      ['bad: bad_fkey leads to bad_parent without it'],
    ],
    [
      'a reference table that points into an organization',
      `create table bad (id uuid primary key, unit_organization uuid, unit_id uuid,
         constraint bad_fkey foreign key (unit_organization, unit_id) references units)`,
      ['bad: bad_fkey leads from a reference table to units'],
    ],
    [
      'an organization by another name',
      'create table bad (id uuid primary key, tenant uuid, constraint bad_fkey foreign key (tenant) references organizations)',
      ['bad: bad_fkey names organizations, but the table has no organization_id'],
    ],
  ])('are reported with %s', async (_, statements, expected) => {
    const faults = await rolledBack(async (client) => {
      await client.query(statements);
      return tenancyFaults(client);
    });
    expect(faults).toEqual(expected);
    expect(await tenancyFaults(app.sql)).toEqual([]);
  });
});

describe('a foreign key', () => {
  it('has an index, so that deletes search no table', async () => {
    expect((await unsupportedForeignKeys(app.sql)).sort()).toEqual(Object.keys(UNSUPPORTED).sort());
  });

  it.each([
    ['no index', 'create table bad (id uuid primary key, user_id uuid references users)'],
    [
      'an index it comes second in',
      'create table bad (id uuid primary key, user_id uuid references users); create index on bad (id, user_id)',
    ],
    [
      'an index over some rows',
      `create table bad (id uuid primary key, user_id uuid references users, old boolean);
       create index on bad (user_id) where old`,
    ],
    [
      'an index over an expression',
      'create table bad (id uuid primary key, user_id uuid references users); create index on bad ((user_id::text))',
    ],
  ])('is reported with %s', async (_, statements) => {
    const found = await rolledBack(async (client) => {
      await client.query(statements);
      return unsupportedForeignKeys(client);
    });
    expect(found).toContain('bad_user_id_fkey');
  });

  it('can have a partial index over the rows that have a value', async () => {
    const found = await rolledBack(async (client) => {
      await client.query(
        `create table good (id uuid primary key, user_id uuid references users);
         create index on good (user_id) where user_id is not null`,
      );
      return unsupportedForeignKeys(client);
    });
    expect(found).not.toContain('good_user_id_fkey');
  });
});

describe('the migrations', () => {
  const drift = async (): Promise<string[]> => {
    const { upQueries } = await app.app.get(DataSource).driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  };

  it('produce the schema of the entities', async () => {
    expect(await drift()).toEqual([]);
  });

  it('are reported when they differ', async () => {
    await app.sql.query('alter table units add column drifted text');
    try {
      expect(await drift()).toEqual([expect.stringContaining('drifted')]);
    } finally {
      await app.sql.query('alter table units drop column drifted');
    }
  });

  const routines = async () => {
    const client = await app.sql.connect();
    return compareRoutines(client).finally(() => client.release());
  };

  it('produce the functions and triggers of src/database/sql', async () => {
    expect(await routines()).toEqual({ changed: [], unknown: [] });
  });

  it.each([
    [
      'a changed function',
      `create or replace function refuse_change() returns trigger language plpgsql as 'begin end'`,
    ],
    ['a missing trigger', 'drop trigger credit_keys_insert_only on credit_keys'],
  ])('are reported when they lead to %s', async (_, statement) => {
    await app.sql.query(statement);
    try {
      expect((await routines()).changed.map(({ name }) => name)).toEqual(['refuse_change.sql']);
    } finally {
      await app.sql.query(readFileSync('src/database/sql/refuse_change.sql', 'utf8'));
    }
  });

  it('are reported when they lead to a trigger without a file', async () => {
    await app.sql.query(
      'create trigger planted before update on units for each row execute function suppress_redundant_updates_trigger()',
    );
    try {
      expect((await routines()).unknown).toEqual(['trigger planted']);
    } finally {
      await app.sql.query('drop trigger planted on units');
    }
  });
});

describe('a database of a development version', () => {
  const LAST = 'OneLookAtEntries1795334615850';
  const fingerprint = async (db: Queryable) =>
    (
      await db.query(`select attrelid::regclass::text, attname from pg_attribute join pg_class c on c.oid = attrelid
      where c.relnamespace = 'public'::regnamespace and not attisdropped order by 1, 2`)
    ).rows;
  const pretend = (db: Queryable, names: string[]) =>
    db.query(
      `with gone as (delete from migrations) insert into migrations (timestamp, name) select n, name
       from unnest($1::text[]) with ordinality as m (name, n)`,
      [names],
    );
  const earlier = Array.from({ length: 30 }, (_, index) => `Earlier${index}`);

  it('is adopted when all its migrations have run', async () => {
    const url = new URL(app.databaseUrl);
    url.pathname += '_dev';
    const name = url.pathname.slice(1);
    await app.sql.query(`create database ${name} template template0`);
    const settings = dataSourceOptions({ url: url.href, poolSize: 1 });
    const baseline = new DataSource({ ...settings, migrations: migrations.slice(0, 1) });
    const db = new pg.Pool({ connectionString: url.href, max: 1 });
    try {
      await baseline.initialize();
      await baseline.runMigrations();
      await db.query('drop trigger credit_keys_insert_only on credit_keys');
      await db.query('alter table organization_roles drop column name_key');
      await pretend(db, [...earlier, LAST]);
      expect(await migrate(url.href)).toEqual(migrations.map((migration) => migration.name));
      expect(await fingerprint(db)).toEqual(await fingerprint(app.sql));
      expect((await db.query(`select from pg_trigger where tgname = 'credit_keys_insert_only'`)).rowCount).toBe(1);
      expect(await migrate(url.href)).toEqual([]);
    } finally {
      await db.end();
      await baseline.destroy();
      await dropDatabase(name);
    }
  });

  it('is refused with one line and left unchanged when some have not', async () => {
    const before = await fingerprint(app.sql);
    const { rows } = await app.sql.query<{ name: string }>('select name from migrations order by id');
    await pretend(app.sql, earlier);
    try {
      await expect(migrate(app.databaseUrl)).rejects.toThrow(
        /^The database was created by an older development version/,
      );
      expect(await fingerprint(app.sql)).toEqual(before);
      expect((await app.sql.query('select from migrations')).rowCount).toBe(30);
    } finally {
      await pretend(
        app.sql,
        rows.map(({ name }) => name),
      );
    }
  });
});

describe('events', () => {
  const refused = (statement: string) =>
    rolledBack((client) =>
      client.query(statement).then(
        () => 'done',
        (error: { code: string }) => error.code,
      ),
    );
  const RESTRICT_VIOLATION = '23001';

  it('are in two tables, and both have rows', async () => {
    const staff = await app.sql.query<{ id: string }>('select id from operators');
    const { rows } = await app.sql.query<{ table_name: string }>(
      `select table_name from information_schema.tables where table_schema = 'public' and table_name ~ '_events$' order by 1`,
    );
    expect(rows.map(({ table_name: name }) => name)).toEqual(['operator_events', 'organization_events']);
    await app.sql.query(
      `insert into organizations (id, operator_id, slug, name) values (gen_random_uuid(), $1, 'eventful', 'Eventful')`,
      [staff.rows[0]?.id],
    );
    await app.sql.query(
      `insert into organization_events (organization_id, seq, id, occurred_at, type, actor_type, subject_type, subject_id, request_id, hash)
       select id, 1, gen_random_uuid(), now(), 'organization.created', 'system', 'organization', id, 'test', 'none' from organizations`,
    );
    for (const table of ['operator_events', 'organization_events']) {
      expect((await app.sql.query(`select 1 from ${table} limit 1`)).rowCount).toBe(1);
    }
  });

  it.each(['operator_events', 'organization_events'])('cannot be changed: %s', async (table) => {
    expect(await refused(`update ${table} set type = type`)).toBe(RESTRICT_VIOLATION);
    expect(await refused(`update ${table} set hash = 'other'`)).toBe(RESTRICT_VIOLATION);
  });

  it('of an operator cannot be deleted, and those of an organization are deleted with it', async () => {
    expect(await refused('truncate operator_events')).toBe(RESTRICT_VIOLATION);
    expect(await refused('truncate organization_events')).toBe(RESTRICT_VIOLATION);
    expect(await refused('delete from operator_events')).toBe(RESTRICT_VIOLATION);
    expect(await refused('delete from organization_events')).toBe('done');
  });
});

describe('the ledger', () => {
  const CHECK_VIOLATION = '23514';
  let organization: string;

  const codeOf = (statement: string, ...parameters: unknown[]) =>
    rolledBack((client) =>
      client.query(statement, parameters).then(
        () => 'done',
        (error: { code: string }) => error.code,
      ),
    );
  /** Inserts an entry of `available` micro-credits, `promo` of them promotional, with its lot. */
  const entry = (seq: number, available: number, promo: number, after: number, lot = available) => `with lot as (
      insert into credit_lots select $1, gen_random_uuid(), 'promo', 0, now(), null, 'grant', ${lot}, ${lot}, 0, true where ${lot} > 0)
    insert into credit_entries (organization_id, seq, id, type, kind, created_at, amount, available, held, consumed, external,
      promo, plan, expired, adjustment, receivable, usage, usage_at, available_after, held_after, consumed_after, lots)
    values ($1, ${seq}, gen_random_uuid(), 'grant', 'promo', now() + interval '1 minute', 5, ${available}, 0, 0, 0, ${promo}, 0,
      0, 0, 0, 0, now(), ${after}, 0, 0, '[]')`;

  beforeAll(async () => {
    const { rows } = await app.sql.query<{ id: string }>(
      `insert into organizations (id, operator_id, slug, name) select gen_random_uuid(), id, 'ledger', 'Ledger' from operators
       limit 1 returning id`,
    );
    organization = rows[0]?.id ?? '';
    await app.sql.query('insert into credit_accounts (organization_id, last_at) values ($1, now())', [organization]);
    await app.sql.query(entry(1, 5, -5, 5), [organization]);
    await app.sql.query(
      `insert into credit_keys (organization_id, key, hash, status, answer) values ($1, 'k', 'h', 402, '{}')`,
      [organization],
    );
  });

  it('derives balances from entries', async () => {
    const { rows } = await app.sql.query('select available, promo, seq from credit_accounts');
    expect(rows).toEqual([{ available: '5', promo: '-5', seq: '1' }]);
  });

  it.each([
    ['what does not sum to zero', entry(2, 5, -4, 10)],
    ['a number twice', entry(1, 5, -5, 10)],
    ['a gap', entry(3, 5, -5, 10)],
    ['a balance that it does not lead to', entry(2, 5, -5, 11)],
    ['credits that are in no lot', entry(2, 5, -5, 10, 0)],
    ['credits that nobody has', entry(2, -6, 6, -1, 0)],
  ])('refuses an entry with %s', async (_, statement) => {
    expect(['23505', CHECK_VIOLATION]).toContain(await codeOf(statement, organization));
  });

  it('accepts a valid entry', async () => {
    expect(await codeOf(entry(2, 5, -5, 10), organization)).toBe('done');
  });

  it.each(['credit_entries', 'credit_keys'])('refuses edits of its rows: %s', async (table) => {
    expect(await codeOf(`update ${table} set organization_id = organization_id`)).toBe('23001');
    expect(await codeOf(`delete from ${table}`)).toBe('23001');
    expect(await codeOf(`truncate ${table}`)).toBe('23001');
    const purged = await rolledBack(async (client) => {
      await client.query('update organizations set deleted_at = now(), purge_started_at = now()');
      return client.query(`delete from ${table}`);
    });
    expect(purged.rowCount).toBe(1);
  });

  it.each(['available = 7', 'seq = 2', 'consumed = 1'])(
    'refuses a balance that does not come from entries: %s',
    async (change) => {
      expect(await codeOf(`update credit_accounts set ${change}`)).toBe('23001');
    },
  );
});
