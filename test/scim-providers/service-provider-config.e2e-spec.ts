import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { type Directory, ENTERPRISE, GROUP, MESSAGES, newDirectory, USER } from './directory.js';

/* What the discovery endpoints claim (RFC 7643, 5 to 7) is true: each claim is tried. */

let app: TestApp;
let staff: Person;
let directory: Directory;
let config: any;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  directory = await newDirectory(app, staff, 'claims');
  config = (await directory.get('/ServiceProviderConfig')).body;
});
afterAll(() => app.close());

const patch = (path: string, value: unknown) => ({
  schemas: [`${MESSAGES}:PatchOp`],
  Operations: [{ op: 'replace', path, value }],
});

it('claims nothing that this test does not try', () => {
  const { documentationUri: _, meta: __, schemas: ___, ...claims } = config;
  expect(Object.keys(claims).sort((a, b) => a.localeCompare(b))).toEqual([
    'authenticationSchemes',
    'bulk',
    'changePassword',
    'etag',
    'filter',
    'patch',
    'sort',
  ]);
});

it('patch', async () => {
  expect(config.patch).toEqual({ supported: true });
  const { id } = await directory.user('patched');
  expect((await directory.send('PATCH', `/Users/${id}`, patch('title', 'A'))).body.title).toBe('A');
});

it('bulk, with its limits in operations and bytes', async () => {
  const { supported, maxOperations, maxPayloadSize } = config.bulk;
  expect([supported, maxOperations, maxPayloadSize]).toEqual([true, expect.any(Number), expect.any(Number)]);
  const operations = (n: number) => Array.from({ length: n }, () => ({ method: 'DELETE', path: '/Users/x' }));
  const send = (Operations: object[]) => directory.post('/Bulk', { Operations });
  expect((await send(operations(maxOperations))).body.Operations).toHaveLength(maxOperations);
  expect((await send(operations(maxOperations + 1))).status).toBe(413);
  const frame = JSON.stringify({ Operations: operations(1), pad: '' });
  const sized = (bytes: number) => frame.replace('"pad":""', `"pad":"${'x'.repeat(bytes - frame.length)}"`);
  for (const type of ['application/scim+json', 'application/json'])
    for (const [bytes, status] of [
      [maxPayloadSize, 200],
      [maxPayloadSize + 1, 413],
    ]) {
      const answer = await directory.send('POST', '/Bulk', sized(bytes), { 'content-type': type });
      expect([type, bytes, answer.status]).toEqual([type, bytes, status]);
    }
});

it('filter, with the most results', async () => {
  const { maxResults, supported } = config.filter;
  expect(supported).toBe(true);
  await app.sql.query(
    `with person as (
       insert into users (id, operator_id, email, name, email_verified_at)
       select uuidv7(), operator_id, 'filtered-' || n || '@claims.example', 'Filtered', now()
       from organizations, generate_series(1, $2::int) n where id = $1 returning id)
     insert into organization_members (organization_id, user_id, role) select $1, id, 'user' from person`,
    [directory.organization.id, maxResults + 1],
  );
  const filter = encodeURIComponent('displayName eq "Filtered"');
  const { body } = await directory.get(`/Users?filter=${filter}&count=100000`);
  expect([body.totalResults, body.itemsPerPage, body.Resources.length]).toEqual([
    maxResults + 1,
    maxResults,
    maxResults,
  ]);
  const last = await directory.get(`/Users?filter=${filter}&count=100000&startIndex=${maxResults + 1}`);
  expect(last.body).toMatchObject({ startIndex: maxResults + 1, itemsPerPage: 1 });
});

it('sort', async () => {
  expect(config.sort).toEqual({ supported: true });
  for (const name of ['sorted-b', 'sorted-a']) await directory.user(name);
  const filter = encodeURIComponent('userName sw "sorted-"');
  const { body } = await directory.get(`/Users?filter=${filter}&sortBy=userName`);
  expect(body.Resources.map(({ userName }: any) => userName.slice(0, 8))).toEqual(['sorted-a', 'sorted-b']);
});

it('etag', async () => {
  expect(config.etag).toEqual({ supported: true });
  for (const { meta } of [await directory.user('tagged'), await directory.group('tagged')]) {
    const path = `/${meta.resourceType}s/${meta.location.split('/').at(-1)}`;
    expect((await directory.get(path)).headers.get('etag')).toBe(meta.version);
    expect((await directory.send('GET', path, undefined, { 'if-none-match': meta.version })).status).toBe(304);
    const change = (version: string) =>
      directory.send('PATCH', path, patch('externalId', version), { 'if-match': version });
    expect((await change('W/"wrong"')).status).toBe(412);
    expect((await change(meta.version)).status).toBe(200);
    expect((await change(meta.version)).status).toBe(412);
  }
});

it('no change of passwords', async () => {
  expect(config.changePassword).toEqual({ supported: false });
  const { id, ...user } = await directory.user('unchanged', { password: 'a password of the directory' });
  expect(user).not.toHaveProperty('password');
  expect((await directory.send('PATCH', `/Users/${id}`, patch('password', 'another one'))).body.scimType).toBe(
    'invalidPath',
  );
  const login = { email: user.userName, password: 'a password of the directory' };
  expect((await app.client().post('/auth/login', login)).status).toBe(401);
});

it('one scheme of authentication', async () => {
  expect(config.authenticationSchemes).toMatchObject([{ type: 'oauthbearertoken', primary: true }]);
  const status = async (authorization?: string) =>
    (await fetch(`${directory.base}/Users?count=0`, { headers: authorization ? { authorization } : {} })).status;
  expect(await status(`Bearer ${directory.key}`)).toBe(200);
  expect(await status(`Basic ${Buffer.from(`okta:${directory.key}`).toString('base64')}`)).toBe(401);
  expect([await status(directory.key), await status()]).toEqual([401, 401]);
});

it('is read-only, and is found where it says', async () => {
  const { origin, pathname } = new URL(directory.base);
  const places = ['/ServiceProviderConfig', '/ResourceTypes/User', '/ResourceTypes/Group'];
  for (const schema of [USER, GROUP, ENTERPRISE]) places.push(`/Schemas/${schema}`);
  for (const place of places) {
    const { body } = await directory.get(place);
    const { pathname: location } = new URL(body.meta.location);
    expect([place, location]).toEqual([place, pathname + place]);
    expect((await directory.get(origin + location)).body).toEqual(body);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect([method, place, (await directory.send(method, place, {})).status]).toEqual([method, place, 405]);
  }
  expect((await directory.get('/Schemas/urn:none')).body).toMatchObject({ status: '404' });
  expect((await directory.get('/ResourceTypes/Device')).body).toMatchObject({ status: '404' });
});

it('lists the endpoints and schemas of its resource types', async () => {
  const { body } = await directory.get('/ResourceTypes');
  expect(body.totalResults).toBe(body.Resources.length);
  for (const { endpoint, schema, schemaExtensions } of body.Resources) {
    expect((await directory.get(`${endpoint}?count=1`)).status).toBe(200);
    for (const urn of [schema, ...schemaExtensions.map((one: any) => one.schema)])
      expect((await directory.get(`/Schemas/${urn}`)).body.id).toBe(urn);
  }
});

describe('the attributes of the schemas', () => {
  interface Attribute {
    name: string;
    type: string;
    multiValued: boolean;
    mutability: string;
    required: boolean;
    uniqueness: string;
    caseExact: boolean;
    referenceTypes?: string[];
    subAttributes?: Attribute[];
  }

  const attributesOf = async (urn: string): Promise<Attribute[]> =>
    (await directory.get(`/Schemas/${urn}`)).body.attributes;

  /** Builds a value for an attribute that clients may write. */
  function valueOf({ name, type, multiValued, subAttributes }: Attribute): unknown {
    const writable = subAttributes?.filter(({ mutability }) => mutability !== 'readOnly') ?? [];
    const object = () => Object.fromEntries(writable.map((one) => [one.name, valueOf(one)]));
    const value = type === 'complex' ? object() : type === 'boolean' ? true : `${name} of the directory`;
    return multiValued ? [value] : value;
  }

  it('that are writable are kept as they are sent, and the others are not taken', async () => {
    const core = await attributesOf(USER);
    const writable = (attributes: Attribute[]) => attributes.filter(({ mutability }) => mutability === 'readWrite');
    const resource = (attributes: Attribute[]) =>
      Object.fromEntries(writable(attributes).map((one) => [one.name, valueOf(one)]));
    const sent = {
      ...resource(core),
      schemas: [USER, ENTERPRISE],
      userName: `every@${directory.domain}`,
      emails: [{ value: `every@${directory.domain}`, type: 'work', display: 'Every', primary: true }],
      [ENTERPRISE]: resource(await attributesOf(ENTERPRISE)),
    };
    const readOnly = core.filter(({ mutability }) => mutability === 'readOnly').map(({ name }) => name);
    expect(readOnly).toEqual(['groups']);
    const made = await directory.post('/Users', { ...sent, groups: [{ value: 'x' }], id: 'x', meta: { version: 'x' } });
    expect(made.body).toMatchObject({ ...sent, groups: [] });
    const read = await directory.get(`/Users/${made.body.id}`);
    expect(read.body).toEqual(made.body);
    const refused = await directory.patch(`/Users/${made.body.id}`, { op: 'add', path: 'groups', value: [] });
    expect(refused.body.scimType).toBe('mutability');
  });

  it('have all characteristics of RFC 7643', async () => {
    const all = (attributes: Attribute[]): Attribute[] =>
      attributes.flatMap((one) => [one, ...all(one.subAttributes ?? [])]);
    const { body } = await directory.get('/Schemas');
    for (const attribute of body.Resources.flatMap(({ attributes }: any) => all(attributes))) {
      expect(attribute).toEqual({
        name: expect.stringMatching(/^[$\w][\w-]*$/),
        type: expect.stringMatching(/^(string|boolean|dateTime|reference|complex)$/),
        multiValued: expect.any(Boolean),
        description: expect.any(String),
        required: expect.any(Boolean),
        caseExact: expect.any(Boolean),
        mutability: expect.stringMatching(/^(readWrite|readOnly|immutable)$/),
        returned: expect.stringMatching(/^(default|always)$/),
        uniqueness: expect.stringMatching(/^(none|server)$/),
        ...(attribute.type === 'complex' && { subAttributes: expect.any(Array) }),
        // Strict clients cannot read a reference without them.
        ...(attribute.type === 'reference' && { referenceTypes: expect.arrayContaining([expect.any(String)]) }),
      });
    }
  });

  it('that are required or unique are', async () => {
    const claimed = async (urn: string, trait: (one: Attribute) => boolean) =>
      (await attributesOf(urn)).filter(trait).map(({ name }) => name);
    expect(await claimed(USER, ({ required }) => required)).toEqual(['userName']);
    expect(await claimed(GROUP, ({ required }) => required)).toEqual(['displayName']);
    expect(await claimed(USER, ({ uniqueness }) => uniqueness === 'server')).toEqual(['userName']);
    expect(await claimed(GROUP, ({ uniqueness }) => uniqueness === 'server')).toEqual(['displayName']);
    expect((await directory.post('/Users', { displayName: 'x' })).body.scimType).toBe('invalidValue');
    expect((await directory.post('/Groups', { externalId: 'x' })).body.scimType).toBe('invalidValue');
    const same = { externalId: 'same', displayName: 'Same', title: 'Same' };
    await directory.user('unique', same);
    await directory.user('unique-too', same);
    const emails = [{ value: `unique-again@${directory.domain}` }];
    const again = await directory.post('/Users', directory.person('UNIQUE', { emails }));
    expect([again.status, again.body.scimType]).toEqual([409, 'uniqueness']);
    await directory.group('unique');
    const group = await directory.post('/Groups', { schemas: [GROUP], displayName: 'Unique' });
    expect([group.status, group.body.scimType]).toEqual([409, 'uniqueness']);
  });

  it('are compared as caseExact says', async () => {
    const { id } = await directory.user('Exact', { externalId: 'Exact', displayName: 'Exact', title: 'Exact' });
    const attributes = await attributesOf(USER);
    for (const name of ['externalId', 'displayName', 'title']) {
      const caseExact = attributes.find((one) => one.name === name)?.caseExact;
      const { body } = await directory.get(`/Users?filter=${encodeURIComponent(`${name} eq "exact"`)}`);
      expect([name, body.Resources.map((one: any) => one.id)]).toEqual([name, caseExact ? [] : [id]]);
    }
  });
});
