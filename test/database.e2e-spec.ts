import { Database, type Reader, type Tx, type Writer } from '../src/database/index.js';
import pg from 'pg';
import { newId } from '../src/common/ids/index.js';
import { migrate } from '../src/database/migrate.js';
import { User } from '../src/users/user.entity.js';
import { dropDatabase, startTestApp, type TestApp } from './support/test-app.js';

let app: TestApp;
let db: Database;

beforeAll(async () => {
  app = await startTestApp();
  db = app.app.get(Database);
  await app.sql.query('create table things (id int primary key, name text)');
});
beforeEach(() => app.sql.query(`truncate things; insert into things values (1, 'one'), (2, 'two')`));
afterAll(() => app.close());

type Shape = (reader: Reader) => Promise<unknown>;

const READS: [string, Shape, unknown][] = [
  ['every row', (reader) => reader.rows('select id from things order by id'), [{ id: 1 }, { id: 2 }]],
  ['no row', (reader) => reader.rows('select id from things where id = $1', [3]), []],
  ['maybe a row', (reader) => reader.maybe('select name from things where id = $1', [2]), { name: 'two' }],
  ['maybe no row', (reader) => reader.maybe('select name from things where id = $1', [3]), null],
  ['one row', (reader) => reader.one('select count(*)::int from things'), { count: 2 }],
  ['a common table expression', (reader) => reader.rows('with t as (select 1 as a) select a from t'), [{ a: 1 }]],
  ['a union', (reader) => reader.rows('(select 1 as a) union all (select 2)'), [{ a: 1 }, { a: 2 }]],
];

describe.each(['reader', 'frequentReader', 'autocommit'] as const)('%s', (name) => {
  it.each(READS)('reads %s', async (_, read, expected) => {
    expect(await read(db[name])).toEqual(expected);
  });

  it('reports a missing row where there must be one', async () => {
    await expect(db[name].one('select 1 from things where id = 3')).rejects.toThrow('The query returned no row');
  });
});

it.each(READS)('a transaction reads %s', async (_, read, expected) => {
  expect(await db.transaction(read)).toEqual(expected);
});

it.each(READS)('a patient read reads %s', async (_, read, expected) => {
  expect(await db.patientRead(read)).toEqual(expected);
});

const WRITES: [string, string, { rows: unknown[]; count: number }][] = [
  ['insert', `insert into things values (3, 'three'), (4, 'four')`, { rows: [], count: 2 }],
  ['insert … returning', `insert into things values (3, 'three') returning id`, { rows: [{ id: 3 }], count: 1 }],
  ['insert of nothing', `insert into things values (1, 'one') on conflict do nothing`, { rows: [], count: 0 }],
  ['update', `update things set name = 'x'`, { rows: [], count: 2 }],
  [
    'update … returning',
    `update things set name = 'x' where id = 1 returning name`,
    { rows: [{ name: 'x' }], count: 1 },
  ],
  ['delete', 'delete from things where id = 2', { rows: [], count: 1 }],
  ['delete … returning', 'delete from things where id = 2 returning id', { rows: [{ id: 2 }], count: 1 }],
  ['delete of nothing', 'delete from things where id = 3 returning id', { rows: [], count: 0 }],
];

describe.each(WRITES)('%s', (_, statement, { rows, count }) => {
  const shapes = async (writer: Writer, again: () => Promise<unknown>) => {
    expect(await writer.execute(statement)).toBe(count);
    await again();
    expect(await writer.rows(statement)).toEqual(rows);
    await again();
    expect(await writer.maybe(statement)).toEqual(rows[0] ?? null);
  };

  it('has the same shapes in a transaction', () =>
    db.transaction(async (tx) => {
      await tx.execute('savepoint before');
      await shapes(tx, () => tx.execute('rollback to before'));
    }));

  it('has the same shapes with autocommit', () =>
    shapes(db.autocommit, () => app.sql.query(`truncate things; insert into things values (1, 'one'), (2, 'two')`)));

  it.each(['reader', 'frequentReader'] as const)('is refused by %s', async (name) => {
    await expect(db[name].rows(statement)).rejects.toThrow('A Reader only reads');
    expect((await app.sql.query('select * from things order by id')).rows).toEqual([
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ]);
  });
});

it('compiles no write outside a transaction', () => {
  // Never called: `npm run types` fails if a line below an @ts-expect-error compiles.
  const writes = (reader: Reader, writer: Writer, needsTx: (tx: Tx) => void) => {
    // @ts-expect-error A Reader does not write.
    void reader.execute('delete from users');
    // @ts-expect-error A Reader does not write.
    void reader.insert(User, {});
    // @ts-expect-error A Reader does not write.
    void reader.update(User, { id: '' }, {});
    // @ts-expect-error A Reader does not write.
    void reader.delete(User, { id: '' });
    // @ts-expect-error TypeORM's query does not exist, since its result has another shape for each command.
    void reader.query('delete from users');
    // @ts-expect-error A Reader is not a transaction.
    needsTx(reader);
    // @ts-expect-error A Writer is not a transaction either.
    needsTx(writer);
    // @ts-expect-error Outside a transaction there are no mapped writes.
    void writer.delete(User, { id: '' });
  };
  expect(writes).toBeInstanceOf(Function);
});

it('a user who may not create the extension of searches learns what to do, and needs it only once', async () => {
  const role = `user_${newId().replaceAll('-', '')}`;
  const name = `d_${newId().replaceAll('-', '')}`;
  const owner = new pg.Client({ connectionString: process.env.TEST_SERVER_URL });
  await owner.connect();
  const url = new URL(process.env.TEST_SERVER_URL ?? '');
  url.pathname = `/${name}`;
  const theirs = new URL(url);
  theirs.username = role;
  theirs.password = 'theirs';
  try {
    await owner.query(`create role ${role} login password 'theirs'`);
    await owner.query(`create database ${name} template template0 strategy file_copy`);
    const inside = new pg.Client({ connectionString: url.href });
    await inside.connect();
    await inside.query(`grant create on schema public to ${role}`);
    await expect(migrate(theirs.href)).rejects.toThrow(/may not create the extension pg_trgm: run `create extension/);
    await inside.query('create extension pg_trgm');
    await inside.end();
    expect((await migrate(theirs.href)).length).toBeGreaterThan(30);
  } finally {
    await dropDatabase(name);
    await owner.query(`drop role if exists ${role}`);
    await owner.end();
  }
});

describe('the order of names', () => {
  const databases: string[] = [];
  afterAll(async () => {
    for (const name of databases) await dropDatabase(name);
  });
  const inNewDatabase = async (work: (client: pg.Client, url: string) => Promise<void>): Promise<void> => {
    const url = new URL(process.env.TEST_SERVER_URL ?? '');
    const name = `d_${newId().replaceAll('-', '')}`;
    databases.push(name);
    const owner = new pg.Client({ connectionString: url.href });
    await owner.connect();
    await owner.query(`create database ${name} template template0 strategy file_copy`);
    await owner.end();
    url.pathname = `/${name}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      await work(client, url.href);
    } finally {
      await client.end();
    }
  };

  it('needs a PostgreSQL with ICU, which the start says in one line', () =>
    inNewDatabase(async (client, url) => {
      await client.query(`delete from pg_collation where collprovider = 'i'`);
      await expect(migrate(url)).rejects.toThrow(
        /^the PostgreSQL of DATABASE_URL was built without ICU, .*: use one with ICU$/,
      );
    }));

  it('is restored in all indexes when PostgreSQL got another version of ICU', () =>
    inNewDatabase(async (client, url) => {
      await migrate(url);
      await client.query(`update pg_collation set collversion = '1' where collname = 'people'`);
      const fileOf = async () =>
        (await client.query(`select pg_relation_filenode('users_operator_id_name_idx') as file`)).rows[0].file;
      const before = await fileOf();
      const lines: string[] = [];
      await Promise.all([1, 2].map(() => migrate(url, (line) => lines.push(line))));
      expect(lines).toEqual([
        'PostgreSQL sorts names by another version of ICU now: rebuilt clusters_operator_id_name_idx, organizations_operator_id_name_idx, units_organization_id_name_idx, users_operator_id_name_idx',
      ]);
      expect(await fileOf()).not.toBe(before);
      await migrate(url, (line) => lines.push(line));
      expect(lines).toHaveLength(1);
    }));
});
