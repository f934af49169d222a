import pg from 'pg';
import { DataSource } from 'typeorm';
import { newId } from '../src/common/ids/index.js';
import { dataSourceOptions } from '../src/database/data-source.js';
import { migrate } from '../src/database/migrate.js';
import { migrations } from '../src/database/migrations/index.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { dropDatabase, startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

/*
 * Lists by name are in the order of a dictionary, and a search finds a name however its letters are composed.
 */

const SORTED = ['apple', 'Äpple', 'Banana', 'öl', 'Team 2', 'Team 10', 'Zebra'];
const MIXED = ['Zebra', 'öl', 'Team 10', 'apple', 'Banana', 'Äpple', 'Team 2'];
/** As macOS and some directories write them. */
const DECOMPOSED = 'Mu\u0308ller & So\u0308hne';
const COMPOSED = 'Müller & Söhne';

let app: TestApp;
let staff: Person;
let home: Organization;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Home');
});
afterAll(() => app.close());

const done = async (answer: Promise<any>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${body.detail} ${JSON.stringify(body.errors)}`);
  return body;
};

/** Reads all pages of one item each. */
async function pages(path: string): Promise<any[]> {
  const items: any[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await done(
      staff.client.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      ),
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

const create =
  (path: string, more: (name: string, index: number) => object = () => ({})) =>
  async (names: string[]): Promise<void> => {
    for (const [index, name] of names.entries()) await done(staff.client.post(path, { name, ...more(name, index) }));
  };

interface ListOfNames {
  /** Creates something with each name. */
  make: (names: string[]) => Promise<void>;
  path: string;
}

const LISTS: Record<string, () => ListOfNames> = {
  organizations: () => ({ make: create('/admin/organizations'), path: '/admin/organizations?sort=name' }),
  units: () => ({ make: create(`${home.path}/units`), path: `${home.path}/units?sort=name` }),
  users: () => ({
    make: async (names) => {
      for (const [index, name] of names.entries()) {
        const { id } = await newPerson(app, `user-${Date.now()}-${index}`);
        await done(staff.client.post(`${home.path}/members`, { userId: id, role: 'user' }));
        await app.sql.query('update users set name = $2 where id = $1', [id, name]);
      }
    },
    path: '/admin/users?sort=name',
  }),
  members: () => ({ make: async () => undefined, path: `${home.path}/members?sort=name` }),
  'my organizations': () => ({
    make: async () => {
      const { items } = await done(staff.client.get('/admin/organizations?limit=100'));
      for (const { id } of items)
        await staff.client.post(`/admin/organizations/${id}/members`, { userId: staff.id, role: 'admin' });
    },
    path: '/account/organizations?sort=name',
  }),
  roles: () => ({
    make: create(`${home.path}/roles`, () => ({ permissions: [] })),
    path: `${home.path}/roles?sort=name`,
  }),
  'roles by kind': () => ({ make: async () => undefined, path: `${home.path}/roles` }),
  clusters: () => ({
    make: create('/admin/clusters', (_, index) => ({ slug: `cluster-${index}` })),
    path: '/admin/clusters?sort=name',
  }),
  plans: () => ({
    make: create('/admin/plans', () => ({ monthlyCredits: '1', priceMinor: 100, currency: 'EUR' })),
    path: '/admin/plans?sort=name',
  }),
  operators: () => ({
    make: create(`${app.origin}/api/v1/operators`, (_, index) => ({
      slug: `operator-${index}`,
      timeZone: 'UTC',
      adminEmail: 'a@b.example',
    })),
    path: `${app.origin}/api/v1/operators?sort=name`,
  }),
  'API keys': () => ({ make: create(`${home.path}/api-keys`), path: `${home.path}/api-keys?sort=name` }),
  clients: () => ({
    make: create('/admin/clients', (_, index) => ({ audience: `service-${index}` })),
    path: '/admin/clients?sort=name',
  }),
  'access rules': () => ({
    make: create('/admin/operator/access-rules', () => ({ when: 'false', then: { role: 'user' } })),
    path: '/admin/operator/access-rules?sort=name',
  }),
};

describe('names are sorted as people expect', () => {
  it.each(Object.keys(LISTS))('in the list of %s, also backwards and over pages', async (name) => {
    const list = LISTS[name]?.();
    if (!list) throw new Error(`no list ${name}`);
    await list.make(MIXED);
    const namesOf = (items: any[]) => items.map((item) => item.name).filter((one) => SORTED.includes(one));
    expect(namesOf(await pages(list.path))).toEqual(SORTED);
    if (!list.path.includes('sort=name')) return;
    expect(namesOf(await pages(list.path.replace('sort=name', 'sort=-name')))).toEqual(SORTED.toReversed());
  });

  it('and equal names keep their order over pages', async () => {
    for (let n = 0; n < 5; n++) await done(staff.client.post('/admin/organizations', { name: 'Same' }));
    const ids = (await pages('/admin/organizations?q=same')).map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
    expect((await pages('/admin/organizations?q=same&sort=-name')).map(({ id }) => id)).toEqual(ids.toReversed());
  });
});

describe('a name is found however its letters are composed', () => {
  it.each([
    [DECOMPOSED, COMPOSED],
    [COMPOSED, DECOMPOSED],
  ])('%j by %j', async (stored, sought) => {
    const one = await newOrganization(staff, stored);
    expect((await staff.client.get(one.path)).body.name).toBe(COMPOSED);
    const found = await done(staff.client.get(`/admin/organizations?q=${encodeURIComponent(sought.toUpperCase())}`));
    expect(found.items.map(({ id }: any) => id)).toContain(one.id);
    await done(staff.client.post(`${one.path}/units`, { name: stored }));
    const units = await done(staff.client.get(`${one.path}/units?q=${encodeURIComponent(sought)}`));
    expect(units.items).toHaveLength(1);
    const { status, body } = await staff.client.delete(`${one.path}?confirmName=${encodeURIComponent(sought)}`);
    expect([status, body?.code]).toEqual([202, undefined]);
  });

  it('but the id that a customer chose stays as it is', async () => {
    const { body } = await staff.client.post('/admin/organizations', { name: 'Verbatim', externalId: DECOMPOSED });
    expect(body.externalId).toBe(DECOMPOSED);
  });
});

it('the migration composes stored names, except those that would be the same', async () => {
  const url = new URL(app.databaseUrl);
  url.pathname += '_old';
  const name = url.pathname.slice(1);
  await app.sql.query(`create database ${name} template template0`);
  const before = migrations.findIndex((one) => one.name.startsWith('NamesInOrder'));
  const settings = dataSourceOptions({ url: url.href, poolSize: 1 });
  const old = new DataSource({ ...settings, migrations: migrations.slice(0, before) });
  const db = new pg.Pool({ connectionString: url.href, max: 1 });
  try {
    await old.initialize();
    await old.runMigrations();
    const [operator, organization] = [newId(), newId()];
    await db.query(
      `insert into operators (id, slug, name, time_zone, default_unit_name, self_service_organization_limit)
       values ($1, 'old', $2, 'UTC', 'Default', 1)`,
      [operator, DECOMPOSED],
    );
    await db.query(`insert into organizations (id, operator_id, slug, name) values ($1, $2, 'old', $3)`, [
      organization,
      operator,
      DECOMPOSED,
    ]);
    for (const [key, role] of [
      ['org-one', DECOMPOSED],
      ['org-two', 'Cafe\u0301'],
      ['org-three', 'Café'],
    ])
      await db.query(
        `insert into organization_roles (organization_id, id, key, name, name_key, permissions, updated_at)
         values ($1, $2, $3, $4, lower($4), '{}', now())`,
        [organization, newId(), key, role],
      );
    const applied = await Promise.all([1, 2].map(() => migrate(url.href)));
    expect(applied.flat()).toHaveLength(migrations.length - before);
    const names = async (table: string) =>
      (await db.query(`select name from ${table} order by id`)).rows.map((row) => row.name);
    expect(await names('operators')).toEqual([COMPOSED]);
    expect(await names('organizations')).toEqual([COMPOSED]);
    expect(await names('organization_roles')).toEqual([COMPOSED, 'Cafe\u0301', 'Café']);
  } finally {
    await db.end();
    await old.destroy();
    await dropDatabase(name);
  }
});
