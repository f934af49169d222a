import { jest } from '@jest/globals';
import pg from 'pg';
import { FULL } from './support/full.js';
import { type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

/*
 * What a page of a long list reads does not depend on the length of the list. Durations say little on a busy machine, so
 * these tests explain the statements of a request, and count the rows that they read.
 */

const MANY = FULL ? 100_000 : 20_000;
/** A page, with those that its filter left out. */
const PAGE_ROWS = 500;
const COUNT_LIMIT = 1_000;
/** What a list of members reads, at most: it counts and walks 2,000 users and joins them (decision 0012). */
const LONGEST_WALK = 8_000;

jest.setTimeout(120_000);

let app: TestApp;
let staff: Person;
let large: Organization;
beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  large = await newOrganization(staff, 'Large');
  await app.sql.query(
    `insert into organizations (id, operator_id, slug, name, suspended_at, deleted_at)
     select uuidv7(), id, 'many-' || n, 'Many ' || lpad(n::text, 6, '0'), case when n % 50 = 7 then now() end,
       case when n % 200 = 9 then now() end
     from operators, generate_series(1, $1::int) n where slug = 'demo'`,
    [MANY],
  );
  await app.sql.query(
    `with person as (
       insert into users (id, operator_id, email, name, email_verified_at)
       select uuidv7(), id, 'many-' || n || '@example.com', 'Many ' || lpad(n::text, 6, '0'), now()
       from operators, generate_series(1, $1::int) n where slug = 'demo' returning id)
     insert into organization_members (organization_id, user_id, role) select $2, id, 'user' from person`,
    [MANY, large.id],
  );
  await app.sql.query(
    `insert into organization_members (organization_id, user_id, role) select id, $1, 'user' from organizations
     where slug like 'many-%'`,
    [staff.id],
  );
  await app.sql.query('vacuum analyze');
});
afterAll(() => app.close());

interface Plan {
  'Node Type': string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Plan[];
}

interface Reading {
  rows: number;
  indexes: string[];
  body: any;
}

/** What lists select, unlike the jobs that run meanwhile. */
const OF_LISTS = /as "_tie"| as total |as "organizationId"|as "hasAdmin"/;

/** Returns the statements of lists and of the overview. */
async function statementsOf(request: () => Promise<unknown>): Promise<{ text: string; values: unknown[] }[]> {
  const statements: { text: string; values: unknown[] }[] = [];
  const original = Reflect.get(pg.Client.prototype, 'query');
  const query = (client: pg.Client, args: any[]): unknown => {
    const [text, values] = typeof args[0] === 'string' ? args : [args[0]?.text, args[0]?.values];
    if (OF_LISTS.test(text) && !/job_failures/.test(text)) statements.push({ text, values });
    return Reflect.apply(original, client, args);
  };
  pg.Client.prototype.query = new Proxy(original, { apply: (_, client, args) => query(client, args) });
  try {
    await request();
  } finally {
    pg.Client.prototype.query = original;
  }
  return statements;
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
const isScan = (node: Plan) =>
  node['Node Type'].endsWith(' Scan') && !/^(Subquery|CTE|Bitmap Index)/.test(node['Node Type']);

/** Requests something, and explains what it took. */
async function read(path: string): Promise<Reading> {
  let body: any;
  const statements = await statementsOf(async () => {
    const answer = await staff.client.get(path);
    expect(answer.status).toBe(200);
    body = answer.body;
  });
  expect(statements).not.toEqual([]);
  const nodes: Plan[] = [];
  for (const { text, values } of statements) {
    const { rows } = await app.sql.query(`explain (analyze, format json) ${text}`, values);
    nodes.push(...nodesOf(rows[0]['QUERY PLAN'][0].Plan));
  }
  const rowsOf = (node: Plan) =>
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
    node['Actual Loops'];
  return {
    rows: nodes.filter(isScan).reduce((sum, node) => sum + rowsOf(node), 0),
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    body,
  };
}

const organizations = (query: string) => `/admin/organizations?limit=100&${query}`;
const members = (query: string) => `${large.path}/members?limit=100&${query}`;

describe('a page of a long list', () => {
  it.each([
    ['organizations', () => organizations('status=active')],
    ['the newest organizations', () => organizations('status=active&sort=-createdAt')],
    ['organizations that a search finds by the thousand', () => organizations('q=many')],
    ['organizations that a search of one letter finds', () => organizations('q=m')],
    ['organizations with a slug', () => organizations('slug=many-777')],
    ['organizations with a plan that none has', () => organizations('plan=none')],
    ['organizations and what they have', () => '/admin/organizations?limit=10&q=000123&include=credits,plan,counts'],
    ['users', () => '/admin/users?limit=100'],
    ['users that a search finds by the thousand', () => '/admin/users?limit=100&q=many'],
    ['members', () => members('status=active')],
  ])('reads little: %s', async (_, path) => {
    expect((await read(path())).rows).toBeLessThan(PAGE_ROWS);
  });

  it.each([
    ['organizations', () => organizations('q=000777'), 'organizations_search_idx'],
    ['organizations, by three letters', () => organizations('q=777'), 'organizations_search_idx'],
    ['users', () => '/admin/users?limit=100&q=000777', 'users_search_idx'],
    ['members', () => members('q=000777'), 'users_search_idx'],
  ])('is found by an index: %s', async (_, path, index) => {
    const { indexes, rows, body } = await read(path());
    expect(indexes).toContain(index);
    expect(rows).toBeLessThan(FULL ? 4 * PAGE_ROWS : PAGE_ROWS);
    expect(body.items.length).toBeGreaterThan(0);
  });

  it.each([
    ['organizations', () => organizations('sort=name'), 'organizations_operator_id_name_idx'],
    ['organizations, backwards', () => organizations('status=active&sort=-name'), 'organizations_operator_id_name_idx'],
    ['users', () => '/admin/users?limit=100&sort=name', 'users_operator_id_name_idx'],
    ['members', () => members('sort=-name'), 'users_operator_id_name_idx'],
  ])('is read in the order of names: %s', async (_, path, index) => {
    const first = await read(path());
    const next = await read(`${path()}&cursor=${encodeURIComponent(first.body.nextCursor)}`);
    for (const { indexes, rows } of [first, next]) {
      expect(indexes).toContain(index);
      expect(rows).toBeLessThan(LONGEST_WALK);
    }
    expect(next.body.items).toHaveLength(100);
  });

  it('costs as much at the end as at the start', async () => {
    const { body } = await read('/admin/organizations?limit=1&q=many&sort=-name');
    expect(body.items[0].slug).toBe(`many-${MANY}`);
    const last = `/admin/organizations?limit=100&q=many&sort=-name&cursor=${encodeURIComponent(body.nextCursor)}`;
    expect((await read(last)).rows).toBeLessThan(PAGE_ROWS);
  });
});

describe('the total of a long list', () => {
  it.each([
    ['organizations', () => organizations('status=active')],
    ['a search', () => organizations('q=many')],
    ['a search of one letter', () => organizations('q=m')],
    ['users', () => '/admin/users?limit=100&q=many'],
    ['members', () => members('status=active')],
  ])('is counted as far as the caller asks: %s', async (_, path) => {
    const { rows, body } = await read(`${path()}&count=true&countLimit=${COUNT_LIMIT}`);
    expect(body.total).toBe(COUNT_LIMIT);
    expect(rows).toBeLessThan(3 * COUNT_LIMIT + PAGE_ROWS);
  });

  it('is exact without a limit, and below it', async () => {
    const exact = await staff.client.get('/admin/organizations?limit=1&count=true');
    expect(exact.body.total).toBe(MANY + 1);
    const below = await staff.client.get(`/admin/organizations?limit=1&status=suspended&count=true&countLimit=${MANY}`);
    expect(below.body.total).toBe(MANY / 50);
  });

  it('needs no second look at a list that ends on its first page', async () => {
    const { rows, body } = await read(organizations('q=zz&count=true'));
    expect(body).toMatchObject({ items: [], total: 0 });
    expect(rows).toBeLessThan(1.5 * MANY);
  });

  it('is never more than its limit', async () => {
    const { body } = await read('/admin/organizations?limit=10&slug=many-777&count=true&countLimit=1');
    expect(body.total).toBe(1);
    const { body: page } = await read('/admin/organizations?limit=10&q=000123&count=true&countLimit=1');
    expect(page.total).toBe(1);
    const refused = await staff.client.get('/admin/organizations?countLimit=0');
    expect([refused.status, refused.body.code]).toEqual([400, 'validation_failed']);
  });
});

it('the overview of an operator searches a thousand organizations for an admin', async () => {
  const { rows } = await read('/admin/operator/overview');
  // The number of all organizations is exact.
  expect(rows).toBeLessThan(MANY * 1.1 + 10_000);
});
