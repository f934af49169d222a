import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../src/database/data-source.js';
import { migrate } from '../src/database/migrate.js';
import { migrations } from '../src/database/migrations/index.js';
import { newId } from '../src/common/ids/index.js';
import { findAddressTwins, normalizeAddresses } from '../src/database/index.js';
import { PASSWORD, type Person, signIn, signInAdmin } from './support/people.js';
import { dropDatabase, startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

/*
 * Addresses that older versions stored as they were written.
 */

const ASCII = 'twin@xn--bcher-kva.example';
const WRITTEN = 'twin@bücher.example';

let app: TestApp;
let staff: Person;
let organization: Organization;

const query = async <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> =>
  (await app.sql.query(sql, parameters)).rows;
const normalize = () => normalizeAddresses(query);
const write = (person: Person, email: string) =>
  app.sql.query('update users set email = $2 where id = $1', [person.id, email]);
const emailOf = async ({ id }: Person): Promise<string> =>
  (await query<{ email: string }>('select email from users where id = $1', [id]))[0]?.email ?? '';

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Written before');
});
afterAll(() => app.close());

describe('addresses that were stored as they were written', () => {
  it('are rewritten everywhere, once', async () => {
    const one = await newMember(app, staff, organization, 'user', 'alone');
    const ascii = await newMember(app, staff, organization, 'user', 'ascii');
    await write(one, 'jürgen@straße.example');
    const invite = (email: string) => staff.client.post(`${organization.path}/invitations`, { email, role: 'user' });
    const older = await invite('older@people.example');
    const newer = await invite('newer@people.example');
    await app.sql.query(
      `update organization_invitations set email = 'both@bücher.example', created_at = now() - interval '1 day' where id = $1`,
      [older.body.id],
    );
    await app.sql.query(`update organization_invitations set email = 'both@xn--bcher-kva.example' where id = $1`, [
      newer.body.id,
    ]);
    await app.sql.query(`update organization_members set directory_email = 'alone@bücher.example' where user_id = $1`, [
      one.id,
    ]);
    await app.sql.query(`update operators set support_email = 'help@bücher.example'`);
    await app.sql.query(
      `insert into organization_settings (organization_id, kind, "values", locks, updated_at)
       values ($1, 'branding', '{"supportEmail": "help@bücher.example", "displayName": "Bücher"}', '{}', now())`,
      [organization.id],
    );
    for (const [person, key] of [
      [one, 'alone@bücher.example'],
      [ascii, 'Björn'.toLowerCase()],
    ] as const)
      await app.sql.query(
        `insert into scim_users (organization_id, user_id, user_name, user_name_key, attributes, updated_at)
         values ($1, $2, $3, $3, '{}', now())`,
        [organization.id, person.id, key],
      );
    const changed = async () => {
      const tables = [
        'users',
        'organization_invitations',
        'organization_members',
        'operators',
        'organization_settings',
        'scim_users',
      ];
      return Promise.all(tables.map((table) => query(`select xmin from ${table} order by ctid`)));
    };
    await normalize();
    expect(await emailOf(one)).toBe('jürgen@xn--strae-oqa.example');
    expect(await emailOf(ascii)).toBe('ascii@people.example');
    expect(await query('select email, state from organization_invitations order by created_at')).toEqual([
      { email: 'both@xn--bcher-kva.example', state: 'revoked' },
      { email: 'both@xn--bcher-kva.example', state: 'pending' },
    ]);
    const help = 'help@xn--bcher-kva.example';
    expect(await query('select directory_email from organization_members where user_id = $1', [one.id])).toEqual([
      { directory_email: 'alone@xn--bcher-kva.example' },
    ]);
    expect(await query('select distinct support_email from operators')).toEqual([{ support_email: help }]);
    expect(await query('select "values" from organization_settings where kind = \'branding\'')).toEqual([
      { values: { supportEmail: help, displayName: 'Bücher' } },
    ]);
    expect(await query('select user_name, user_name_key from scim_users order by user_id')).toEqual([
      { user_name: 'alone@bücher.example', user_name_key: 'alone@xn--bcher-kva.example' },
      { user_name: 'björn', user_name_key: 'björn' },
    ]);
    const before = await changed();
    await normalize();
    expect(await changed()).toEqual(before);
    expect((await signIn(app, 'JÜRGEN@straße.example', PASSWORD)).id).toBe(one.id);
  });

  it('are left to an administrator where two accounts become one', async () => {
    const kept = await newMember(app, staff, organization, 'user', 'kept');
    const twin = await newMember(app, staff, organization, 'admin', 'twin');
    const [first, second] = [
      await newMember(app, staff, organization, 'user', 'f'),
      await newMember(app, staff, organization, 'user', 's'),
    ];
    await write(kept, ASCII);
    await write(twin, WRITTEN);
    // Two accounts of which none has the normalized address.
    await write(first, 'pair@bücher.example');
    await write(second, 'pair@bücher\u3002example');
    await normalize();
    expect(await Promise.all([kept, twin, first, second].map(emailOf))).toEqual([
      ASCII,
      WRITTEN,
      'pair@bücher.example',
      'pair@bücher\u3002example',
    ]);
    const pair = (...people: [Person, string][]) => ({
      operator: 'demo',
      accounts: people.map(([{ id }, email]) => ({ id, email })),
    });
    expect(await findAddressTwins(query)).toEqual([
      pair([kept, ASCII], [twin, WRITTEN]),
      pair([first, 'pair@bücher.example'], [second, 'pair@bücher\u3002example']),
    ]);
    expect((await signIn(app, WRITTEN, PASSWORD)).id).toBe(kept.id);
    // The other keeps its sessions and memberships, and either can be erased.
    expect((await twin.client.get('/account')).status).toBe(200);
    const erase = (person: Person) =>
      staff.client.delete(`/admin/users/${person.id}?confirmEmail=${encodeURIComponent(WRITTEN)}`);
    expect((await erase(kept)).status).toBe(204);
    await normalize();
    expect(await emailOf(twin)).toBe(ASCII);
    expect((await signIn(app, WRITTEN, PASSWORD)).id).toBe(twin.id);
    expect(await findAddressTwins(query)).toHaveLength(1);
  });
});

it('the migration rewrites them once for two servers that start together, and names twins in one line', async () => {
  const url = new URL(app.databaseUrl);
  url.pathname += '_old';
  const name = url.pathname.slice(1);
  await app.sql.query(`create database ${name} template template0`);
  const before = migrations.findIndex(({ name: one }) => one.startsWith('OneFormOfAddresses'));
  const settings = dataSourceOptions({ url: url.href, poolSize: 1 });
  const old = new DataSource({ ...settings, migrations: migrations.slice(0, before) });
  const db = new pg.Pool({ connectionString: url.href, max: 1 });
  try {
    await old.initialize();
    await old.runMigrations();
    const operator = newId();
    await db.query(
      `insert into operators (id, slug, name, time_zone, default_unit_name, self_service_organization_limit) values ($1, 'old', 'Old', 'UTC', 'Default', 1)`,
      [operator],
    );
    const ids = Array.from({ length: 1_502 }, newId);
    await db.query(
      `insert into users (id, operator_id, email, name) select id, $1, 'u' || n || '@bücher.example', 'U'
       from unnest($2::uuid[]) with ordinality u(id, n)`,
      [operator, ids],
    );
    await db.query(`update users set email = 'u1@xn--bcher-kva.example' where id = $1`, [ids[1]]);
    const lines: string[] = [];
    const applied = await Promise.all([1, 2].map(() => migrate(url.href, (line) => lines.push(line))));
    expect(applied.map(({ length }) => length).toSorted((one, other) => one - other)).toEqual([
      0,
      migrations.length - before,
    ]);
    expect(lines).toEqual([
      `2 accounts of the operator old have the same address: u1@xn--bcher-kva.example (${ids[1]}), u1@bücher.example (${ids[0]}) (see npm run ops -- addresses)`,
    ]);
    const { rows } = await db.query(
      `select count(*) filter (where email like '%@xn--bcher-kva.example')::int as ascii, count(*)::int as all from users`,
    );
    expect(rows).toEqual([{ ascii: 1_501, all: 1_502 }]);
  } finally {
    await db.end();
    await old.destroy();
    await dropDatabase(name);
  }
});
