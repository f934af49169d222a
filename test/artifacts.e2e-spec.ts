import type { Client } from './support/client.js';
import { keyed, newKey } from './support/credits.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let admin: Person;
let organization: Organization;
/** A second unit of the organization. */
let research: string;

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const MODEL = { name: 'churn.onnx', kind: 'model', uri: 's3://models/churn/12/churn.onnx' };

beforeAll(async () => {
  app = await startTestApp({ LIMIT_ARTIFACTS: '40' });
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'ada');
  organization = await newOrganization(staff, 'Northwind', admin);
  research = (await admin.client.post(`${organization.path}/units`, { name: 'Research' })).body.id;
});
afterAll(() => app.close());

const ofUnit = (unitId: string, of = organization): string => `/organizations/${of.id}/units/${unitId}/artifacts`;
const all = (of = organization): string => `/organizations/${of.id}/artifacts`;

async function register(unitId: string, input: object = {}, client: Client = admin.client) {
  const { status, body } = await client.post(ofUnit(unitId), { ...MODEL, ...input });
  expect([status, body.code]).toEqual([201, undefined]);
  return body;
}

const namesOf = async (client: Client, path: string): Promise<string[]> => {
  const { status, body } = await client.get(path);
  expect([status, body.code]).toEqual([200, undefined]);
  return body.items.map(({ name }: { name: string }) => name);
};

async function newApiKey(input: object): Promise<Client> {
  const { status, body } = await admin.client.post(`${organization.path}/api-keys`, { name: 'Key', ...input });
  expect([status, body.code]).toEqual([201, undefined]);
  return app.client().as(body.key);
}

describe('registering', () => {
  it('keeps everything that was said, and who said it', async () => {
    const input = { sizeBytes: 2 ** 50, sha256: SHA256, metadata: { accuracy: 0.93 } };
    const made = await register(research, input);
    expect(made).toMatchObject({
      ...MODEL,
      ...input,
      unitId: research,
      unitName: 'Research',
      runId: null,
      memberId: admin.id,
      apiKeyId: null,
    });
    const read = await admin.client.get(`${ofUnit(research)}/${made.id}`);
    expect(read.body).toEqual(made);
  });

  it.each([
    ['an address of an unknown kind', { uri: 'ftp://files.example.com/a' }, 'uri'],
    ['an address with a password', { uri: 'https://me:secret@files.example.com/a' }, 'uri'],
    ['a script', { uri: 'javascript:alert(1)' }, 'uri'],
    ['no name', { name: '' }, 'name'],
    ['no kind', { kind: undefined }, 'kind'],
    ['a hash that is too short', { sha256: 'abc' }, 'sha256'],
    ['a hash in upper case', { sha256: SHA256.toUpperCase() }, 'sha256'],
    ['a negative size', { sizeBytes: -1 }, 'sizeBytes'],
    ['a size past 1 PiB', { sizeBytes: 2 ** 50 + 1 }, 'sizeBytes'],
    ['metadata that are a list', { metadata: [] }, 'metadata'],
    ['metadata past 4 KiB', { metadata: { text: 'x'.repeat(5000) } }, 'metadata'],
  ])('refuses %s', async (_what, input, field) => {
    const { status, body } = await admin.client.post(ofUnit(research), { ...MODEL, ...input });
    expect([status, body.code, body.errors?.[0]?.field]).toEqual([400, 'validation_failed', field]);
  });

  it('refuses a run that is not of the unit', async () => {
    const { body: cluster } = await staff.client.post('/admin/clusters', {
      name: 'GPU',
      presets: [{ key: 'free', creditsPerHour: '0' }],
    });
    await staff.client.put(`/admin/clusters/${cluster.id}/organizations/${organization.id}`);
    const { body: run } = await admin.client.post(
      `/organizations/${organization.id}/runs`,
      { clusterId: cluster.id, preset: 'free', unitId: research },
      keyed(newKey()),
    );
    const elsewhere = await admin.client.post(ofUnit(organization.defaultUnitId), { ...MODEL, runId: run.id });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([422, 'artifacts.run_not_found']);
    const made = await register(research, { name: 'of the run', runId: run.id });
    expect(made.runId).toBe(run.id);
    expect(await namesOf(admin.client, `${all()}?runId=${run.id}`)).toEqual(['of the run']);
  });

  it('refuses more than the organization may have', async () => {
    const other = await newOrganization(staff, 'Full');
    await app.sql.query(
      `insert into artifacts (organization_id, id, unit_id, name, kind, uri)
       select $1, gen_random_uuid(), $2, 'old', 'model', 's3://models/old' from generate_series(1, 39)`,
      [other.id, other.defaultUnitId],
    );
    const answers = await Promise.all(
      [1, 2, 3].map(() => staff.client.post(ofUnit(other.defaultUnitId, other), MODEL)),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('artifacts.limit_reached');
  });
});

describe('who sees what', () => {
  it('shows managers all, users those of their units, and API keys those of theirs', async () => {
    const one = await newOrganization(staff, 'Seen', admin);
    const second = (await admin.client.post(`${one.path}/units`, { name: 'Second' })).body.id;
    const add = (unitId: string, name: string) => admin.client.post(ofUnit(unitId, one), { ...MODEL, name });
    await add(one.defaultUnitId, 'in the first');
    await add(second, 'in the second');
    const user = await newMember(app, staff, one, 'user', 'ulla');
    const manager = await newMember(app, staff, one, 'manager', 'mona');
    await admin.client.post(`${one.path}/units/${second}/members`, { userId: user.id, role: 'user' });
    const key = await admin.client.post(`${one.path}/api-keys`, {
      name: 'Second only',
      permissions: ['artifacts:list', 'artifacts:read', 'artifacts:write'],
      unitIds: [second],
    });
    const workload = app.client().as(key.body.key);

    expect(await namesOf(manager.client, all(one))).toEqual(['in the second', 'in the first']);
    expect(await namesOf(user.client, all(one))).toEqual(['in the second']);
    expect(await namesOf(workload, all(one))).toEqual(['in the second']);
    expect(await namesOf(user.client, `${all(one)}?unitId=${one.defaultUnitId}`)).toEqual([]);
    expect((await user.client.get(ofUnit(one.defaultUnitId, one))).status).toBe(404);
    expect((await workload.post(ofUnit(one.defaultUnitId, one), MODEL)).status).toBe(404);
    const made = await workload.post(ofUnit(second, one), { ...MODEL, name: 'by the workload' });
    expect(made.body).toMatchObject({ memberId: null, apiKeyId: key.body.id });

    // A plain member loses a suspended unit, in the list of the organization too.
    await admin.client.post(`${one.path}/units/${second}/suspend`);
    expect(await namesOf(user.client, all(one))).toEqual([]);
    expect(await namesOf(manager.client, `${all(one)}?unitId=${second}`)).toEqual(['by the workload', 'in the second']);
    await admin.client.post(`${one.path}/units/${second}/resume`);
    await admin.client.delete(`${one.path}/units/${second}?confirmName=Second`);
    expect(await namesOf(manager.client, all(one))).toEqual(['in the first']);
  });

  it('needs the permission in an API key', async () => {
    const client = await newApiKey({ permissions: ['charges:create'] });
    const { status, body } = await client.post(ofUnit(research), MODEL);
    expect([status, body.code]).toEqual([403, 'auth.forbidden']);
  });

  it('finds by name, address and kind, in pages', async () => {
    const one = await newOrganization(staff, 'Searched', admin);
    const names = ['alpha.bin', 'beta.bin', 'Gamma 100%.bin'];
    for (const [index, name] of names.entries())
      await admin.client.post(ofUnit(one.defaultUnitId, one), {
        name,
        kind: index ? 'dataset' : 'model',
        uri: `gs://bucket-${index}/file`,
      });
    expect(await namesOf(admin.client, `${all(one)}?sort=name`)).toEqual(['alpha.bin', 'beta.bin', 'Gamma 100%.bin']);
    expect(await namesOf(admin.client, `${all(one)}?q=BETA`)).toEqual(['beta.bin']);
    expect(await namesOf(admin.client, `${all(one)}?q=bucket-0`)).toEqual(['alpha.bin']);
    expect(await namesOf(admin.client, `${all(one)}?q=100%25`)).toEqual(['Gamma 100%.bin']);
    expect(await namesOf(admin.client, `${all(one)}?kind=model`)).toEqual(['alpha.bin']);
    const first = await admin.client.get(`${ofUnit(one.defaultUnitId, one)}?limit=2`);
    expect(first.body.items).toHaveLength(2);
    const next = `${ofUnit(one.defaultUnitId, one)}?limit=2&cursor=${encodeURIComponent(first.body.nextCursor)}`;
    expect(await namesOf(admin.client, next)).toEqual(['alpha.bin']);
  });
});

describe('deleting', () => {
  it('lets users delete their own, and managers of the unit all', async () => {
    const user = await newMember(app, staff, organization, 'user', 'uwe');
    await admin.client.post(`${organization.path}/units/${research}/members`, { userId: user.id, role: 'user' });
    const foreign = await register(research, { name: 'of the admin' });
    const own = await register(research, { name: 'of the user' }, user.client);
    const refused = await user.client.delete(`${ofUnit(research)}/${foreign.id}`);
    expect([refused.status, refused.body.code]).toEqual([403, 'artifacts.not_own']);
    expect((await user.client.delete(`${ofUnit(research)}/${own.id}`)).status).toBe(204);
    const again = await user.client.delete(`${ofUnit(research)}/${own.id}`);
    expect([again.status, again.body.code]).toEqual([404, 'artifacts.not_found']);
    expect((await admin.client.delete(`${ofUnit(research)}/${foreign.id}`)).status).toBe(204);
  });

  it('deletes once, however often it is asked at once', async () => {
    const { id } = await register(research);
    const answers = await Promise.all([1, 2, 3].map(() => admin.client.delete(`${ofUnit(research)}/${id}`)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 404, 404]);
    const { body } = await admin.client.get(`${organization.path}/events?type=artifact.deleted&subjectId=${id}`);
    expect(body.items).toHaveLength(1);
  });

  it('does not find an artifact in another unit', async () => {
    const { id } = await register(research);
    const { status, body } = await admin.client.get(`${ofUnit(organization.defaultUnitId)}/${id}`);
    expect([status, body.code]).toEqual([404, 'artifacts.not_found']);
  });
});

it('counts artifacts in the impact and in the usage by unit', async () => {
  const one = await newOrganization(staff, 'Counted', admin);
  const second = (await admin.client.post(`${one.path}/units`, { name: 'Second' })).body.id;
  for (const sizeBytes of [1000, 500, null]) await admin.client.post(ofUnit(second, one), { ...MODEL, sizeBytes });
  expect((await admin.client.get(`${one.path}/impact`)).body.artifacts).toBe(3);
  const usage = `/organizations/${one.id}/usage?groupBy=unit`;
  const { body } = await admin.client.get(usage);
  expect(body.items).toEqual([
    expect.objectContaining({ key: second, name: 'Second', charged: '0', artifacts: 3, artifactBytes: 1500 }),
  ]);
  const before = await admin.client.get(`${usage}&from=2020-01-01&to=2020-01-31`);
  expect(before.body.items).toEqual([]);
  const user = await newMember(app, staff, one, 'user', 'vera');
  expect((await user.client.get(usage)).body.items).toEqual([]);
});
