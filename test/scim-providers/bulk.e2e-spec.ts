import { type Answer } from '../support/client.js';
import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { type Directory, ENTERPRISE, GROUP, MESSAGES, newDirectory } from './directory.js';

/* Bulk requests of RFC 7644, 3.7, and what a hostile directory could do with them. */

let app: TestApp;
let limited: TestServer;
let staff: Person;
let directory: Directory;

beforeAll(async () => {
  app = await startTestApp();
  limited = await app.replica({ RATE_LIMIT: '10' });
  staff = await signInAdmin(app);
  directory = await newDirectory(app, staff, 'bulk');
});
afterAll(() => app.close());

const off = { schemas: [`${MESSAGES}:PatchOp`], Operations: [{ op: 'replace', path: 'active', value: false }] };

const bulk = (Operations: unknown, more: object = {}, by = directory): Promise<Answer> =>
  by.post('/Bulk', { schemas: [`${MESSAGES}:BulkRequest`], Operations, ...more });

const create = (name: string, bulkId: string, more: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: directory.person(name, more),
});
const createGroup = (displayName: string, bulkId: string, members: string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) },
});

const statuses = ({ body }: Answer): string[] => body.Operations.map(({ status }: any) => status);
const codes = ({ body }: Answer) => body.Operations.map(({ status, response }: any) => [status, response?.code]);
const idIn = (result: any): string => result.location.split('/').at(-1);

describe('a bulk request', () => {
  it('creates, changes and deletes, with a result for each operation', async () => {
    const kept = await directory.user('kept');
    const gone = await directory.user('gone');
    const answer = await bulk([
      create('ada', 'a'),
      { method: 'PUT', path: `/Users/${kept.id}`, data: directory.person('kept', { title: 'Engineer' }) },
      { method: 'patch', path: `/Users/${gone.id}/`, data: off },
      { method: 'DELETE', path: `/Users/${gone.id}` },
      createGroup('Ops', 'g', [kept.id]),
    ]);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        schemas: [`${MESSAGES}:BulkResponse`],
        Operations: [
          { method: 'POST', bulkId: 'a', status: '201', version: expect.stringMatching(/^W\//) },
          { method: 'PUT', status: '200', location: kept.meta.location },
          { method: 'PATCH', status: '200', location: gone.meta.location },
          { method: 'DELETE', status: '204', location: gone.meta.location },
          { method: 'POST', bulkId: 'g', status: '201' },
        ],
      },
    });
    expect(answer.headers.get('content-type')).toContain('application/scim+json');
    const [made] = answer.body.Operations;
    expect((await directory.get(`/Users/${idIn(made)}`)).body).toMatchObject({
      userName: `ada@${directory.domain}`,
      meta: { location: made.location, version: made.version },
    });
    expect((await directory.get(`/Users/${kept.id}`)).body.title).toBe('Engineer');
    expect((await directory.get(`/Users/${gone.id}`)).status).toBe(404);
    const group = await directory.get(`/Groups/${idIn(answer.body.Operations[4])}`);
    expect(group.body.members).toMatchObject([{ value: kept.id }]);
    // Each operation is in the audit log as if it had come alone.
    const { path } = directory.organization;
    const events = await directory.admin.client.get(`${path}/events?limit=100`);
    const told = events.body.items.filter(({ requestId }: any) => requestId === answer.headers.get('x-request-id'));
    expect(told.map(({ type }: any) => type)).toEqual(
      expect.arrayContaining(['scim_user.created', 'scim_user.updated', 'scim_user.deleted', 'scim_group.created']),
    );
  });

  it('undoes nothing when an operation is refused', async () => {
    await directory.user('twice');
    const answer = await bulk([
      create('first', '1'),
      create('twice', '2'),
      { method: 'PATCH', path: '/Users/019a0000-0000-7000-8000-000000000000', data: off },
      { method: 'POST', path: '/Users', bulkId: '4', data: 'x' },
      create('last', '5'),
    ]);
    expect(codes(answer)).toEqual([
      ['201', undefined],
      ['409', 'scim.user_name_taken'],
      ['404', 'scim.resource_not_found'],
      ['400', 'scim.invalid_syntax'],
      ['201', undefined],
    ]);
    expect(answer.body.Operations[1]).toEqual({
      method: 'POST',
      bulkId: '2',
      status: '409',
      response: expect.objectContaining({ schemas: [`${MESSAGES}:Error`], status: '409', scimType: 'uniqueness' }),
    });
    expect(answer.body.Operations[2].location).toMatch(/\/Users\/019a0000/);
  });

  it('checks the version of a resource', async () => {
    const { id, meta } = await directory.user('versioned');
    const change = (title: string) => ({
      method: 'PUT',
      path: `/Users/${id}`,
      version: meta.version,
      data: directory.person('versioned', { title }),
    });
    expect(codes(await bulk([change('A'), change('B')]))).toEqual([
      ['200', undefined],
      ['412', 'precondition_failed'],
    ]);
  });

  it('ends after failOnErrors errors', async () => {
    const wrong = { method: 'POST', path: '/Users', bulkId: 'w', data: {} };
    const operations = [create('one', '1'), wrong, create('two', '2'), { ...wrong, bulkId: 'v' }, create('three', '3')];
    expect(statuses(await bulk(operations, { failOnErrors: 2 }))).toEqual(['201', '400', '201', '400']);
    for (const failOnErrors of [0, -1, 1.5, '1', true, {}])
      expect((await bulk(operations, { failOnErrors })).body).toMatchObject({ code: 'scim.invalid_value' });
  });

  it('is answered again, and carried out once, with an Idempotency-Key', async () => {
    const body = { Operations: [create('once', '1')] };
    const send = () => directory.send('POST', '/Bulk', body, { 'idempotency-key': 'bulk-once' });
    const [first, second] = [await send(), await send()];
    expect(statuses(first)).toEqual(['201']);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });
});

describe('a bulkId', () => {
  it('names a resource in the path and in the data of others, also before it is created', async () => {
    const answer = await bulk([
      createGroup('Team', 'team', ['bulkId:lead', 'bulkId:worker']),
      { method: 'PATCH', path: '/Users/bulkId:worker', data: off },
      create('worker', 'worker', { [ENTERPRISE]: { manager: { value: 'bulkId:lead' } } }),
      create('lead', 'lead', { displayName: 'bulkId:worker' }),
    ]);
    expect(statuses(answer)).toEqual(['201', '200', '201', '201']);
    const [team, , worker, lead] = answer.body.Operations.map(idIn);
    const members = (await directory.get(`/Groups/${team}`)).body.members.map(({ value }: any) => value);
    expect(new Set(members)).toEqual(new Set([lead, worker]));
    expect((await directory.get(`/Users/${worker}`)).body).toMatchObject({
      active: false,
      [ENTERPRISE]: { manager: { value: lead } },
    });
    // A name that looks like a reference is a name.
    expect((await directory.get(`/Users/${lead}`)).body.displayName).toBe('bulkId:worker');
  });

  it('refuses circles, unknown names and repeated names', async () => {
    const answer = await bulk([
      createGroup('Circle A', 'a', ['bulkId:b']),
      createGroup('Circle B', 'b', ['bulkId:a']),
      createGroup('Outside', 'c', ['bulkId:a']),
      createGroup('Self', 'self', ['bulkId:self']),
      createGroup('Unknown', 'd', ['bulkId:nobody']),
      { method: 'DELETE', path: '/Users/bulkId:nobody' },
      create('named', 'e'),
      create('named-again', 'e'),
      { ...create('unnamed', ''), bulkId: undefined },
      { ...create('unnamed', ''), bulkId: 'x'.repeat(101) },
      { ...create('unnamed', ''), bulkId: 7 },
      { ...create('unnamed', ''), bulkId: 'a\u0000b' },
    ]);
    const refused = (status: string, code: string, n: number) => Array.from({ length: n }, () => [status, code]);
    expect(codes(answer)).toEqual([
      ...refused('409', 'scim.bulk_id_unresolved', 6),
      ['201', undefined],
      ...refused('400', 'scim.invalid_value', 5),
    ]);
    expect((await directory.get('/Groups?filter=displayName%20sw%20%22Circle%22')).body.totalResults).toBe(0);
  });

  it('of a user who was refused is left out of a group, and the event tells', async () => {
    await directory.user('present');
    const answer = await bulk([
      createGroup('Partial', 'g', ['bulkId:fine', 'bulkId:refused']),
      create('fine', 'fine'),
      create('present', 'refused'),
    ]);
    expect(statuses(answer)).toEqual(['201', '201', '409']);
    const group = await directory.get(`/Groups/${idIn(answer.body.Operations[0])}`);
    expect(group.body.members).toMatchObject([{ value: idIn(answer.body.Operations[1]) }]);
    const { body } = await directory.admin.client.get(
      `${directory.organization.path}/events?type=scim_group.created&limit=1`,
    );
    expect(body.items[0].after.unknownMembers).toEqual(['bulkid:refused']);
  });
});

describe('deactivation in a bulk request', () => {
  it('wins over errors before it, over wrong references and over the rest of its own operation', async () => {
    const people = [];
    for (const name of ['stopped', 'circular', 'unknown', 'partly']) people.push(await directory.user(`off-${name}`));
    const wrong = { method: 'POST', path: '/Users', bulkId: 'w', data: {} };
    const offWith = (operation: object) => ({ Operations: [operation, ...off.Operations] });
    const manager = (value: string) => offWith({ op: 'add', path: `${ENTERPRISE}:manager`, value });
    const [stopped, circular, unknown, partly] = people.map(({ id }) => `/Users/${id}`);
    const answer = await bulk(
      [
        wrong,
        create('never', 'n'),
        { method: 'PATCH', path: stopped, data: off },
        { method: 'PATCH', path: circular, data: manager('bulkId:n') },
        { method: 'PATCH', path: unknown, data: manager('bulkId:nobody') },
        { method: 'PUT', path: partly, data: { title: ['x'], active: 'False' } },
      ],
      { failOnErrors: 1 },
    );
    expect(statuses(answer)).toEqual(['400', '200', '200', '200', '200']);
    for (const { id } of people) expect((await directory.get(`/Users/${id}`)).body.active).toBe(false);
    const never = await directory.get(`/Users?filter=userName%20eq%20%22never@${directory.domain}%22`);
    expect(never.body.totalResults).toBe(0);
  });

  it('keeps to the last admin and emergency access', async () => {
    const own = await newDirectory(app, staff, 'bulk-admin');
    const self = { method: 'PATCH', path: `/Users/${own.admin.id}`, data: off };
    expect(codes(await bulk([self, { ...self, method: 'DELETE' }], {}, own))).toEqual([
      ['409', 'members.last_admin'],
      ['409', 'members.last_admin'],
    ]);
  });
});

describe('a hostile directory', () => {
  it('gets no more than the limit of operations', async () => {
    const operations = Array.from({ length: 10_000 }, (_, n) => ({ method: 'DELETE', path: `/Users/${n}` }));
    const whole = await bulk(operations.slice(0, 101));
    expect([whole.status, whole.body.code, whole.body.schemas]).toEqual([
      413,
      'payload_too_large',
      [`${MESSAGES}:Error`],
    ]);
    // More values than any body may have, which is known before it is parsed.
    expect((await bulk(operations)).body.code).toBe('malformed_request');
    expect(codes(await bulk(operations.slice(0, 100)))).toEqual(
      operations.slice(0, 100).map(() => ['404', 'scim.resource_not_found']),
    );
    const large = { data: directory.person('large', { title: 'x'.repeat(2 * 1024 * 1024) }) };
    expect((await bulk([{ ...create('large', '1'), ...large }])).body.code).toBe('payload_too_large');
  });

  it('reaches no other path', async () => {
    const sibling = await newDirectory(app, staff, 'bulk-sibling');
    const victim = await sibling.user('victim');
    const { id } = sibling.organization;
    const paths = [
      '/Bulk',
      '/Users/../Groups',
      '/Users/../../../' + id + '/scim/v2/Users/' + victim.id,
      '/../Users',
      '//Users',
      'Users',
      '/users',
      '/Users?filter=active',
      '/Users#x',
      '/Users/a/b',
      '/Schemas',
      '/ServiceProviderConfig',
      '/scim-keys',
      victim.meta.location,
      `/t/demo/api/v1/organizations/${id}/scim/v2/Users/${victim.id}`,
      `/Users/${'1'.repeat(5_000)}`,
      '',
      null,
      7,
      ['/Users'],
      { path: '/Users' },
    ];
    for (const method of ['POST', 'PATCH', 'DELETE']) {
      const answer = await bulk(paths.map((path, n) => ({ method, path, bulkId: `b${n}`, data: off })));
      expect(codes(answer)).toEqual(paths.map(() => ['400', 'scim.invalid_path']));
      expect(JSON.stringify(answer.body).length).toBeLessThan(20_000);
    }
    const ids = [victim.id, '..', '.', '%2e%2e%2fGroups', `..%2F${victim.id}`, "' or 1=1 --", '\u0000', '%00', 'me'];
    const answer = await bulk(ids.map((one) => ({ method: 'DELETE', path: `/Users/${one}` })));
    expect(codes(answer)).toEqual(ids.map(() => ['404', 'scim.resource_not_found']));
    expect((await sibling.get(`/Users/${victim.id}`)).body.active).toBe(true);
    // A sibling's key, with the path of this organization.
    const foreign = await sibling.send('POST', directory.base + '/Bulk', { Operations: [create('foreign', '1')] });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'organizations.not_found']);
  });

  it('is refused what is no bulk request', async () => {
    const operation = create('never', '1');
    for (const body of [
      [],
      [operation],
      'x',
      null,
      {},
      { Operations: [] },
      { Operations: operation },
      { schemas: [`${MESSAGES}:PatchOp`], Operations: [operation] },
      { schemas: 'x', Operations: [operation] },
    ]) {
      const { status, body: refusal } = await directory.post('/Bulk', JSON.stringify(body));
      expect([JSON.stringify(body).slice(0, 50), status, refusal.scimType]).toEqual([
        JSON.stringify(body).slice(0, 50),
        400,
        'invalidSyntax',
      ]);
    }
    const odd = [null, 7, 'x', [], {}, { method: 'GET', path: '/Users' }, { method: 'OPTIONS' }, { method: ['POST'] }];
    expect(codes(await bulk(odd))).toEqual(odd.map(() => ['400', 'scim.invalid_syntax']));
    const nested = { ...operation, data: { schemas: [`${MESSAGES}:BulkRequest`], Operations: [operation] } };
    expect(codes(await bulk([nested]))).toEqual([['400', 'scim.invalid_syntax']]);
    expect(codes(await bulk([{ ...operation, version: 7 }]))).toEqual([['400', 'scim.invalid_value']]);
    expect((await directory.get('/Bulk')).status).toBe(405);
  });

  it('pays for each operation with its request limit', async () => {
    const own = (await newDirectory(app, staff, 'bulk-limit')).at(limited.origin);
    const operations = Array.from({ length: 100 }, () => ({ method: 'DELETE', path: '/Users/x' }));
    const answer = await bulk(operations, {}, own);
    const refused = codes(answer).filter(([status]: string[]) => status === '429');
    // The window of a second may end once or more while the operations are carried out.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toEqual(['429', 'rate_limited']);
    expect(statuses(answer).filter((status) => status === '404').length).toBeGreaterThan(0);
  });

  it('is stopped when its key is revoked between two operations', async () => {
    const own = await newDirectory(app, staff, 'bulk-revoked');
    const { rows } = await app.sql.query(`select id from organization_api_keys where organization_id = $1`, [
      own.organization.id,
    ]);
    const holder = await app.sql.connect();
    await holder.query('begin');
    await holder.query('select from organizations where id = $1 for update', [own.organization.id]);
    // The first operation waits for the organization.
    const sent = bulk([create('late', '1'), create('later', '2')], {}, own);
    await someoneWaits();
    await holder.query('update organization_api_keys set revoked_at = now() where id = $1', [rows[0].id]);
    await holder.query('commit');
    holder.release();
    expect(codes(await sent)).toEqual([
      ['409', 'conflict'],
      ['409', 'conflict'],
    ]);
  });
});

/** Waits until a transaction waits for a lock. */
async function someoneWaits(): Promise<void> {
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  while ((await app.sql.query(waiting)).rowCount === 0);
}
