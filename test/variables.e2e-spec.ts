import { DataSource } from 'typeorm';
import { AppModule } from '../src/app.module.js';
import { createApp } from '../src/http/app.setup.js';
import { readConfig } from '../src/common/config/index.js';
import { SecretBox } from '../src/common/crypto/index.js';
import { Database } from '../src/database/index.js';
import { createLog } from '../src/common/logging/index.js';
import { PurgeService } from '../src/purge/index.js';
import { substitute, VariableService } from '../src/variables/index.js';
import type { Answer, Client } from './support/client.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

const OPERATOR = '/admin/operator/variables';
const SECRET = 'a-secret-nobody-may-see-4711';
/** Long enough not to occur by chance among ids and hashes. */
const PART = 'nobody-may-see';

let app: TestApp;
let staff: Person;
let operatorId: string;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  operatorId = (await staff.client.get('/admin/operator')).body.id;
});
afterAll(() => app.close());
afterEach(async () => {
  // What one test sets at the operator must not affect the organizations of the next.
  await app.sql.query('delete from operator_variables');
});

const variablesOf = ({ path }: Organization) => `${path}/variables`;
const unitVariablesOf = ({ path, defaultUnitId }: Organization) => `${path}/units/${defaultUnitId}/variables`;
const levelsOf = (organization: Organization) => [OPERATOR, variablesOf(organization), unitVariablesOf(organization)];
const matching = (etag: string) => ({ headers: { 'if-match': etag } });
const ONLY_NEW = { headers: { 'if-none-match': '*' } };
const statusesOf = (answers: Answer[]): number[] => answers.map(({ status }) => status).toSorted((a, b) => a - b);
const codeOf = ({ status, body }: Answer) => [status, body?.code];

async function put(path: string, key: string, body: object, client: Client = staff.client): Promise<Answer> {
  const answer = await client.put(`${path}/${key}`, body);
  if (answer.status !== 200) throw new Error(`PUT ${key} gave ${answer.status} ${answer.body.code}`);
  return answer;
}

interface Effective {
  key: string;
  value: string | null;
  secret: boolean;
  builtIn: boolean;
  source: { level: string; id: string; name: string };
}

/** Returns the effective variables of a level by key. */
async function effective(path: string, { client }: Person = staff, query = ''): Promise<Record<string, Effective>> {
  const { status, body } = await client.get<{ items: Effective[] }>(`${path}/effective${query}`);
  expect(status).toBe(200);
  return Object.fromEntries(body.items.map((item) => [item.key, item]));
}

async function valuesOf(path: string, person: Person = staff, query = ''): Promise<Record<string, string | null>> {
  const items = Object.values(await effective(path, person, query)).filter(({ builtIn }) => !builtIn);
  return Object.fromEntries(items.map(({ key, value }) => [key, value]));
}

async function eventsOf({ id }: Organization): Promise<Record<string, unknown>[]> {
  const { rows } = await app.sql.query(
    `select type, subject_type as "subjectType", subject_id as "subjectId", before, after from organization_events
     where organization_id = $1 and type like 'variable.%' order by seq`,
    [id],
  );
  return rows;
}

/** Returns every row of every table as text. */
async function everythingStored(): Promise<string> {
  const tables = await app.sql.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await app.sql.query<{ row: string }>(`select t::text as row from ${name} t`);
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}

describe('a variable', () => {
  it('can be created, read, replaced and deleted, alike at every level', async () => {
    const acme = await newOrganization(staff, 'Cycle Inc');
    for (const path of levelsOf(acme)) {
      const created = await staff.client.put(`${path}/BILLING_URL`, { value: 'https://one.example' });
      expect([created.status, created.headers.get('etag')]).toEqual([200, created.body.etag]);
      expect(created.body).toEqual({
        key: 'BILLING_URL',
        value: 'https://one.example',
        secret: false,
        updatedAt: expect.any(String),
        etag: expect.stringMatching(/^"1-\w+"$/),
      });
      const read = await staff.client.get(`${path}/BILLING_URL`);
      expect([read.status, read.body, read.headers.get('etag')]).toEqual([200, created.body, created.body.etag]);
      const known = { headers: { 'if-none-match': created.body.etag } };
      expect((await staff.client.get(`${path}/BILLING_URL`, known)).status).toBe(304);

      const replaced = await staff.client.put(`${path}/BILLING_URL`, { value: 'two' });
      expect(replaced.body).toMatchObject({ value: 'two', etag: expect.stringMatching(/^"2-\w+"$/) });
      expect((await staff.client.get(path)).body).toEqual({ items: [replaced.body], nextCursor: null, limit: 25 });

      const removed = await staff.client.delete(`${path}/BILLING_URL`);
      expect([removed.status, removed.body]).toEqual([204, '']);
      expect(codeOf(await staff.client.delete(`${path}/BILLING_URL`))).toEqual([404, 'variables.not_found']);
      expect(codeOf(await staff.client.get(`${path}/BILLING_URL`))).toEqual([404, 'variables.not_found']);
      expect((await staff.client.get(path)).body.items).toEqual([]);
    }
  });

  it('keeps its value to the byte', async () => {
    const path = variablesOf(await newOrganization(staff, 'Bytes Inc'));
    const values = [
      '',
      ' ',
      ' around \n',
      '-----BEGIN KEY-----\r\n\tabc\n\n-----END KEY-----\n',
      'ünïcode – 日本語 – \u{1F600}',
      '{{NESTED}} ${x} $1 \\ " \' --;',
      '\u0001\u001b[31m\u202e',
      '{"__proto__": 1}',
    ];
    for (const [index, value] of values.entries()) {
      for (const secret of [false, true]) {
        const key = `V${index}_${secret ? 'SECRET' : 'PLAIN'}`;
        await put(path, key, { value, secret });
        expect([key, (await effective(path, staff, '?secrets=true'))[key]?.value]).toEqual([key, value]);
      }
    }
  });

  it.each([
    ['4096 bytes', 'x'.repeat(4096), 200],
    ['one byte more', 'x'.repeat(4097), 400],
    ['4096 bytes of more than one each', '€'.repeat(1365) + 'x', 200],
    ['2048 characters of three bytes', '€'.repeat(2048), 400],
    ['a whole body', 'x'.repeat(500_000), 400],
  ])('has a length limit: %s', async (_, value, status) => {
    for (const secret of [false, true]) {
      const answer = await staff.client.put(`${OPERATOR}/LONG`, { value, secret });
      expect(answer.status).toBe(status);
      if (status === 400)
        expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [{ field: 'value' }] });
      expect(JSON.stringify(answer.body).length).toBeLessThan(6000);
    }
  });

  it.each([
    ['no value', {}],
    ['null', { value: null }],
    ['a number', { value: 1 }],
    ['a list', { value: ['a'] }],
    ['an object', { value: { a: 1 } }],
    ['NUL', { value: 'a\0b' }],
    ['NUL alone', { value: '\0', secret: true }],
    ['half a surrogate', '{"value": "\\ud83d"}'],
    ['secret as text', { value: 'a', secret: 'true' }],
    ['secret as null', { value: 'a', secret: null }],
    ['an unknown field', { value: 'a', key: 'B' }],
    ['a list for a body', [{ value: 'a' }]],
    ['no body', undefined],
  ])('is refused with %s', async (_, body) => {
    expect(codeOf(await staff.client.put(`${OPERATOR}/BAD_VALUE`, body))).toEqual([400, 'validation_failed']);
    expect((await staff.client.get(OPERATOR)).body.items).toEqual([]);
  });

  it.each(['A', 'A1', 'A_', 'Z9_Z', 'ORG', 'UNITS', 'ORGANIZATION_X', 'A'.repeat(63)])(
    'can be named %s',
    async (key) => {
      await put(OPERATOR, key, { value: 'x' });
      expect((await staff.client.get(`${OPERATOR}/${key}`)).body.key).toBe(key);
    },
  );

  it.each([
    ['lower', 'abc'],
    ['mixed', 'Abc'],
    ['effective', 'effective'],
    ['a digit first', '1A'],
    ['an underscore first', '_A'],
    ['a hyphen', 'A-B'],
    ['a space', 'A%20'],
    ['a dot', 'A.B'],
    ['a letter of another script', '%CE%91'],
    ['a line break behind it', 'A%0A'],
    ['64 letters', 'A'.repeat(64)],
    ['300 letters', 'A'.repeat(300)],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ])('cannot be named %s', async (_, key) => {
    const refused = await staff.client.put(`${OPERATOR}/${key}`, { value: 'x' });
    // A control character is not part of any path.
    if (key === 'A%0A') expect(codeOf(refused)).toEqual([404, 'not_found']);
    else expect(refused.body).toMatchObject({ code: 'validation_failed', errors: [{ field: 'key' }] });
    for (const path of key === 'effective' ? [] : levelsOf(await newOrganization(staff, 'Names Inc'))) {
      expect((await staff.client.get(`${path}/${key}`)).status).toBe(404);
      expect((await staff.client.delete(`${path}/${key}`)).status).toBe(404);
    }
    expect((await staff.client.delete(`${OPERATOR}/effective`)).status).toBe(404);
  });

  it('cannot replace a built-in one', async () => {
    const acme = await newOrganization(staff, 'Built Inc');
    const keys = ['ORG_ID', 'ORG_EXTERNAL_ID', 'ORG_SLUG', 'ORG_NAME', 'UNIT_ID', 'UNIT_EXTERNAL_ID', 'UNIT_SLUG'];
    const more = ['UNIT_NAME', 'OPERATOR_SLUG', 'OPERATOR_NAME', 'ORG_', 'ORG_X', 'UNIT_9', 'OPERATOR_ID', 'TRELLIS_X'];
    for (const path of levelsOf(acme)) {
      for (const key of [...keys, ...more]) {
        const refused = await staff.client.put(`${path}/${key}`, { value: 'forged' });
        expect([key, ...codeOf(refused)]).toEqual([key, 422, 'variables.reserved_key']);
      }
      expect(codeOf(await staff.client.get(`${path}/ORG_ID`))).toEqual([404, 'variables.not_found']);
      expect(codeOf(await staff.client.delete(`${path}/ORG_ID`))).toEqual([404, 'variables.not_found']);
    }
    expect(await eventsOf(acme)).toEqual([]);
  });

  it('can have at most 199 others beside it at its level', async () => {
    const acme = await newOrganization(staff, 'Full Inc');
    const fill = (table: string, columns: string, ...ids: string[]) =>
      app.sql.query(
        `insert into ${table} (${columns}, key, value, secret, updated_at)
         select ${ids.map((_, index) => `$${index + 1}::uuid`).join(', ')}, 'K' || n, 'x', false, now() from generate_series(1, 199) n`,
        ids,
      );
    await fill('operator_variables', 'operator_id', operatorId);
    await fill('organization_variables', 'organization_id', acme.id);
    await fill('unit_variables', 'organization_id, unit_id', acme.id, acme.defaultUnitId);
    for (const path of levelsOf(acme)) {
      const last = await Promise.all(['A', 'B', 'C'].map((key) => staff.client.put(`${path}/${key}`, { value: 'x' })));
      expect(statusesOf(last)).toEqual([200, 409, 409]);
      expect(last.find(({ status }) => status === 409)?.body.code).toBe('variables.limit_reached');
      expect((await staff.client.put(`${path}/K7`, { value: 'changed' })).status).toBe(200);
      await staff.client.delete(`${path}/K8`);
      expect((await staff.client.put(`${path}/K9999`, { value: 'x' })).status).toBe(200);
      expect((await staff.client.get(`${path}?count=true&limit=1`)).body.total).toBe(200);
    }
  });
});

describe('the list of variables', () => {
  it('has pages, both sort directions, a search in keys, and a filter for values of this level', async () => {
    const acme = await newOrganization(staff, 'List Inc');
    const path = variablesOf(acme);
    await put(OPERATOR, 'ABOVE', { value: 'x' });
    await put(unitVariablesOf(acme), 'BELOW', { value: 'x' });
    const keys = ['A1', 'A2', 'B_1', 'B_2', 'C_'];
    for (const key of keys) await put(path, key, { value: `of ${key}`, secret: key === 'B_1' });
    const keysOf = (answer: Answer): string[] => answer.body.items.map(({ key }: { key: string }) => key);

    const first = await staff.client.get(`${path}?limit=2&count=true`);
    expect([keysOf(first), first.body.total]).toEqual([['A1', 'A2'], 5]);
    await put(path, 'A0', { value: 'inserted before' });
    const second = await staff.client.get(`${path}?limit=2&cursor=${first.body.nextCursor}`);
    const third = await staff.client.get(`${path}?limit=2&cursor=${second.body.nextCursor}`);
    expect([keysOf(second), keysOf(third), third.body.nextCursor]).toEqual([['B_1', 'B_2'], ['C_'], null]);
    expect(second.body.items[0]).toMatchObject({ value: null, secret: true });
    expect(keysOf(await staff.client.get(`${path}?sort=-key&limit=3`))).toEqual(['C_', 'B_2', 'B_1']);
    expect(keysOf(await staff.client.get(`${path}?q=_`))).toEqual(['B_1', 'B_2', 'C_']);
    expect(keysOf(await staff.client.get(`${path}?q=b_`))).toEqual(['B_1', 'B_2']);
    expect(keysOf(await staff.client.get(`${path}?q=of`))).toEqual([]);

    const sibling = variablesOf(await newOrganization(staff, 'Other List Inc'));
    for (const query of [
      `cursor=${first.body.nextCursor}&q=A`,
      'cursor=nope',
      `cursor=${first.body.nextCursor}&sort=-key`,
    ])
      expect(codeOf(await staff.client.get(`${path}?${query}`))).toEqual([400, 'invalid_cursor']);
    expect(codeOf(await staff.client.get(`${sibling}?cursor=${first.body.nextCursor}`))).toEqual([
      400,
      'invalid_cursor',
    ]);
    for (const query of ['limit=0', 'limit=101', 'sort=value', 'q=', 'secrets=true', `q=${'x'.repeat(64)}`])
      expect(codeOf(await staff.client.get(`${path}?${query}`))).toEqual([400, 'validation_failed']);
  });
});

describe('If-Match', () => {
  it('is respected at every level', async () => {
    for (const path of levelsOf(await newOrganization(staff, 'Match Inc'))) {
      const one = `${path}/GUARDED`;
      expect(codeOf(await staff.client.put(one, { value: '0' }, matching('*')))).toEqual([412, 'precondition_failed']);
      const { etag } = (await staff.client.put(one, { value: '1' }, ONLY_NEW)).body;
      expect(codeOf(await staff.client.put(one, { value: '2' }, ONLY_NEW))).toEqual([412, 'precondition_failed']);
      const other = { headers: { 'if-none-match': `W/${etag}, "x"` } };
      expect((await staff.client.put(one, { value: '2' }, other)).status).toBe(412);
      expect((await staff.client.put(one, { value: '2' }, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
      expect((await staff.client.put(one, { value: '3' }, matching(etag))).status).toBe(412);
      expect((await staff.client.delete(one, matching(etag))).status).toBe(412);
      const now: string = (await staff.client.get(one)).body.etag;
      const replaced = await staff.client.put(one, { value: '3' }, matching(`"x", ${now}`));
      expect([replaced.status, replaced.body.value]).toEqual([200, '3']);
      expect((await staff.client.put(one, { value: '4' }, matching('*'))).status).toBe(200);
      const last: string = (await staff.client.get(one)).body.etag;
      expect((await staff.client.delete(one, matching(last))).status).toBe(204);
      expect(codeOf(await staff.client.delete(one, matching(last)))).toEqual([404, 'variables.not_found']);
    }
  });

  it('does not match a variable that was deleted and created again', async () => {
    const path = `${variablesOf(await newOrganization(staff, 'Again Inc'))}/AGAIN`;
    const { etag } = (await staff.client.put(path, { value: 'first' })).body;
    await staff.client.delete(path);
    await staff.client.put(path, { value: 'second' });
    expect((await staff.client.put(path, { value: 'third' }, matching(etag))).status).toBe(412);
  });
});

describe('concurrent changes', () => {
  it('of one variable are all accepted, and the last one wins', async () => {
    const acme = await newOrganization(staff, 'Race Inc');
    for (const path of levelsOf(acme)) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          staff.client.put(`${path}/RACED`, { value: `v${index}`, secret: index % 3 === 0 }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body.etag)).size).toBe(20);
      const { body } = await staff.client.get(`${path}/RACED`);
      expect(body.etag).toMatch(/^"20-/);
      expect(answers.map((answer) => answer.body.etag)).toContain(body.etag);
    }
    // Each change saw the one before it.
    const secretAfter = (event?: Record<string, unknown>) => (event?.after as { secret: boolean } | undefined)?.secret;
    const events = (await eventsOf(acme)).filter(({ subjectType }) => subjectType === 'organization');
    expect(events).toHaveLength(20);
    for (const [index, event] of events.slice(1).entries()) {
      expect(event.before).toMatchObject({ secret: secretAfter(events[index]) });
    }
  });

  it('with If-None-Match create it once', async () => {
    for (const path of levelsOf(await newOrganization(staff, 'First Inc'))) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => staff.client.put(`${path}/ONCE`, { value: `v${index}` }, ONLY_NEW)),
      );
      expect(statusesOf(answers)).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
      const winner = answers.find(({ status }) => status === 200)?.body;
      expect((await staff.client.get(`${path}/ONCE`)).body).toEqual(winner);
    }
  });

  it('with the same If-Match succeed once, and so does a deletion', async () => {
    const path = `${variablesOf(await newOrganization(staff, 'Read Inc'))}/READ`;
    const { etag } = (await staff.client.put(path, { value: '0' })).body;
    const edits = Array.from({ length: 6 }, (_, index) =>
      staff.client.put(path, { value: `v${index}` }, matching(etag)),
    );
    expect(statusesOf(await Promise.all(edits))).toEqual([200, 412, 412, 412, 412, 412]);
    const removals = await Promise.all(Array.from({ length: 5 }, () => staff.client.delete(path)));
    expect(statusesOf(removals)).toEqual([204, 404, 404, 404, 404]);
  });
});

describe('an effective variable', () => {
  it('has the value of the nearest level, and names that level', async () => {
    const acme = await newOrganization(staff, 'Tree Inc');
    await staff.client.patch(acme.path, { externalId: 'CUST-7' });
    await put(OPERATOR, 'A', { value: 'operator' });
    await put(OPERATOR, 'B', { value: 'operator' });
    await put(OPERATOR, 'C', { value: 'operator', secret: true });
    await put(variablesOf(acme), 'B', { value: 'organization' });
    await put(variablesOf(acme), 'C', { value: 'organization' });
    await put(unitVariablesOf(acme), 'C', { value: 'unit' });

    const atUnit = await effective(unitVariablesOf(acme));
    const operator = { level: 'operator', id: operatorId, name: expect.any(String) };
    const organization = { level: 'organization', id: acme.id, name: 'Tree Inc' };
    const unit = { level: 'unit', id: acme.defaultUnitId, name: 'Default' };
    expect(atUnit).toMatchObject({
      A: { value: 'operator', secret: false, builtIn: false, source: operator },
      B: { value: 'organization', source: organization },
      C: { value: 'unit', secret: false, source: unit },
    });
    const builtIns = Object.values(atUnit).filter(({ builtIn }) => builtIn);
    expect(builtIns.map(({ key, value, source }) => [key, value, source.level])).toEqual([
      ['OPERATOR_NAME', expect.any(String), 'operator'],
      ['OPERATOR_SLUG', 'demo', 'operator'],
      ['ORG_EXTERNAL_ID', 'CUST-7', 'organization'],
      ['ORG_ID', acme.id, 'organization'],
      ['ORG_NAME', 'Tree Inc', 'organization'],
      ['ORG_SLUG', acme.slug, 'organization'],
      ['UNIT_ID', acme.defaultUnitId, 'unit'],
      ['UNIT_NAME', 'Default', 'unit'],
      ['UNIT_SLUG', 'default', 'unit'],
    ]);
    expect(await valuesOf(variablesOf(acme))).toEqual({ A: 'operator', B: 'organization', C: 'organization' });
    expect(await valuesOf(OPERATOR)).toEqual({ A: 'operator', B: 'operator', C: null });

    await staff.client.delete(`${unitVariablesOf(acme)}/C`);
    await staff.client.delete(`${variablesOf(acme)}/C`);
    expect((await effective(unitVariablesOf(acme))).C).toEqual({
      key: 'C',
      value: null,
      secret: true,
      builtIn: false,
      source: operator,
    });
  });

  it('follows a new name of a level at once', async () => {
    const acme = await newOrganization(staff, 'Old Name');
    await staff.client.patch(acme.path, { name: 'New Name' });
    expect((await effective(unitVariablesOf(acme))).ORG_NAME).toMatchObject({
      value: 'New Name',
      source: { name: 'New Name' },
    });
  });

  it('is not affected by siblings and other operators', async () => {
    const acme = await newOrganization(staff, 'Own Inc');
    const sibling = await newOrganization(staff, 'Sibling Inc');
    const { id: secondUnit } = (await staff.client.post(`${acme.path}/units`, { name: 'Second' })).body;
    await put(variablesOf(sibling), 'X', { value: 'sibling' });
    await put(unitVariablesOf(acme), 'Y', { value: 'first unit' });
    await put(OPERATOR, 'Z', { value: 'demo' });
    expect(await valuesOf(variablesOf(acme))).toEqual({ Z: 'demo' });
    expect(await valuesOf(`${acme.path}/units/${secondUnit}/variables`)).toEqual({ Z: 'demo' });
    expect(codeOf(await staff.client.get(`${acme.path}/units/${secondUnit}/variables/Y`))).toEqual([
      404,
      'variables.not_found',
    ]);

    const operators = staff.client.at(`${app.origin}/api/v1`);
    await operators.post('/operators', { slug: 'elsewhere', name: 'Elsewhere', adminEmail: 'boss@elsewhere.example' });
    const there: Person = { ...staff, client: staff.client.at(app.client('elsewhere').base) };
    expect(await valuesOf(OPERATOR, there)).toEqual({});
    for (const path of [variablesOf(acme), unitVariablesOf(acme)]) {
      expect((await there.client.get(`${path}/effective`)).status).toBe(404);
      expect((await there.client.put(`${path}/X`, { value: 'x' })).status).toBe(404);
    }
    const mixed = `${acme.path}/units/${sibling.defaultUnitId}/variables`;
    expect((await staff.client.put(`${mixed}/X`, { value: 'x' })).status).toBe(404);
    expect((await staff.client.get(`${mixed}/effective`)).status).toBe(404);
  });
});

describe('a secret variable', () => {
  it('is never shown, and is stored encrypted', async () => {
    const acme = await newOrganization(staff, 'Secret Inc');
    for (const path of levelsOf(acme)) {
      const answers = [
        await put(path, 'API_KEY', { value: SECRET, secret: true }),
        await staff.client.get(`${path}/API_KEY`),
        await staff.client.get(path),
        await staff.client.get(`${path}/effective`),
        await staff.client.put(`${path}/API_KEY`, { value: SECRET + SECRET.repeat(200) }),
        await staff.client.put(`${path}/API_KEY`, { value: SECRET, nope: SECRET }),
        await staff.client.put(`${path}/API_KEY`, { value: SECRET }, ONLY_NEW),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 400, 400, 412]);
      expect(answers[0]?.body).toMatchObject({ value: null, secret: true });
      expect(JSON.stringify(answers)).not.toContain(PART);
    }
    const box = app.app.get(SecretBox);
    for (const table of ['operator_variables', 'organization_variables', 'unit_variables']) {
      const { rows } = await app.sql.query<Record<string, string>>(`select * from ${table} where key = 'API_KEY'`);
      expect(rows).toHaveLength(1);
      const { value = '', operator_id: operator, organization_id: organization, unit_id: unit } = rows[0] ?? {};
      expect(value).toMatch(/^v2\.[\w-]+\.[\w-]+$/);
      const row = [operator, organization, unit, 'API_KEY'].filter((one) => one !== undefined);
      expect(box.decrypt('variable', { table, column: 'value', row }, value)).toBe(SECRET);
    }
    for (const path of levelsOf(acme)) await staff.client.delete(`${path}/API_KEY`);
    const stored = await everythingStored();
    expect(stored).toContain('API_KEY');
    expect(stored).not.toContain(PART);
  });

  it('is encrypted anew each time, so that equal values do not look equal', async () => {
    const path = variablesOf(await newOrganization(staff, 'Equal Inc'));
    for (const key of ['ONE', 'TWO']) await put(path, key, { value: SECRET, secret: true });
    const { rows } = await app.sql.query(
      `select distinct value from organization_variables where key in ('ONE', 'TWO')`,
    );
    expect(rows).toHaveLength(2);
  });

  it('appears in no line of the log', async () => {
    const lines: string[] = [];
    const config = readConfig({ BASE_URL, SECRET_KEY: 'a key for tests, long enough to be one' });
    const log = createLog('trace', { write: (line) => lines.push(line) });
    const server = await createApp(AppModule.with({ url: app.databaseUrl, poolSize: 2 }), config, { log });
    try {
      await server.listen({ port: 0, host: '127.0.0.1' });
      const client = staff.client.at(`${await server.getUrl()}/t/demo/api/v1`);
      expect((await client.put(`${OPERATOR}/LOGGED`, { value: SECRET, secret: true })).status).toBe(200);
      expect((await client.put(`${OPERATOR}/logged`, { value: SECRET, secret: true })).status).toBe(400);
      expect((await client.get(`${OPERATOR}/effective?secrets=true`)).body.items).toContainEqual(
        expect.objectContaining({ key: 'LOGGED', value: SECRET }),
      );
      await app.sql.query('alter table operator_variables rename to hidden_variables');
      expect((await client.put(`${OPERATOR}/LOGGED`, { value: SECRET, secret: true })).status).toBe(500);
    } finally {
      await app.sql.query('alter table if exists hidden_variables rename to operator_variables');
      await server.close();
    }
    expect(lines.join('')).toContain('"status":500');
    expect(lines.join('')).not.toContain(PART);
  });

  it('stays secret by default, and becomes public only with a new value and an explicit flag', async () => {
    const acme = await newOrganization(staff, 'Rotate Inc');
    const path = `${variablesOf(acme)}/ROTATED`;
    await staff.client.put(path, { value: SECRET, secret: true });
    const kept = await staff.client.put(path, { value: `${SECRET}-2` });
    expect(kept.body).toMatchObject({ value: null, secret: true });
    expect((await staff.client.put(path, { secret: false })).status).toBe(400);
    const opened = await staff.client.put(path, { value: 'public', secret: false });
    expect(opened.body).toMatchObject({ value: 'public', secret: false });
    const closed = await staff.client.put(path, { value: 'public', secret: true });
    expect(closed.body).toMatchObject({ value: null, secret: true });
    expect((await eventsOf(acme)).map(({ before, after }) => [before, after])).toEqual([
      [null, { key: 'ROTATED', value: null, secret: true }],
      [
        { key: 'ROTATED', value: null, secret: true },
        { key: 'ROTATED', value: null, secret: true },
      ],
      [
        { key: 'ROTATED', value: null, secret: true },
        { key: 'ROTATED', value: 'public', secret: false },
      ],
      // The previous value may be the secret.
      [
        { key: 'ROTATED', value: null, secret: false },
        { key: 'ROTATED', value: null, secret: true },
      ],
    ]);
  });

  it('is shown among the effective variables to callers who request it and have the permission', async () => {
    const ann = await newPerson(app, 'var-ann');
    const acme = await newOrganization(staff, 'Reveal Inc', ann);
    const mia = await newMember(app, staff, acme, 'manager', 'var-mia');
    const uli = await newMember(app, staff, acme, 'user', 'var-uli');
    await staff.client.post(`${acme.path}/units/${acme.defaultUnitId}/members`, { userId: uli.id, role: 'user' });
    await put(OPERATOR, 'OF_OPERATOR', { value: 'o', secret: true });
    await put(variablesOf(acme), 'OF_ORGANIZATION', { value: 'g', secret: true });
    await put(unitVariablesOf(acme), 'OF_THE_UNIT', { value: 'u', secret: true });
    await put(OPERATOR, 'OPEN', { value: 'open' });

    const hidden = { OF_OPERATOR: null, OF_ORGANIZATION: null, OF_THE_UNIT: null, OPEN: 'open' };
    const unit = unitVariablesOf(acme);
    for (const person of [staff, ann, mia, uli]) {
      for (const query of ['', '?secrets=false']) expect(await valuesOf(unit, person, query)).toEqual(hidden);
    }
    const asked = '?secrets=true';
    const all = { OF_OPERATOR: 'o', OF_ORGANIZATION: 'g', OF_THE_UNIT: 'u', OPEN: 'open' };
    expect(await valuesOf(unit, staff, asked)).toEqual(all);
    // An organization cannot read the operator's secrets. Its workloads receive them with an API key of the organization.
    expect(await valuesOf(unit, ann, asked)).toEqual({ ...all, OF_OPERATOR: null });
    expect(await valuesOf(unit, mia, asked)).toEqual(hidden);
    expect(await valuesOf(unit, uli, asked)).toEqual(hidden);
    expect(await valuesOf(variablesOf(acme), ann, asked)).toEqual({
      OF_OPERATOR: null,
      OF_ORGANIZATION: 'g',
      OPEN: 'open',
    });
    for (const query of ['?secrets=1', '?secrets=', '?secrets=true&secrets=true', '?secret=true'])
      expect((await ann.client.get(`${unit}/effective${query}`)).status).toBe(400);
  });

  it('of the organization cannot be read by creating a unit and becoming its admin', async () => {
    const acme = await newOrganization(staff, 'Escalate Inc');
    const uli = await newMember(app, staff, acme, 'user', 'var-unit-maker');
    await put(variablesOf(acme), 'API_KEY', { value: SECRET, secret: true });
    const { id } = (await uli.client.post(`${acme.path}/units`, { name: 'Mine' })).body;
    const path = `${acme.path}/units/${id}/variables`;
    await put(path, 'OWN_KEY', { value: 'mine', secret: true }, uli.client);
    expect(await valuesOf(path, uli, '?secrets=true')).toEqual({ API_KEY: null, OWN_KEY: 'mine' });
  });
});

describe('the events of variables', () => {
  it('say what was set and deleted, at which level and by whom, and omit what did not change', async () => {
    const acme = await newOrganization(staff, 'Events Inc');
    const path = variablesOf(acme);
    await put(path, 'A', { value: 'one' });
    const { etag } = (await put(path, 'A', { value: 'one' })).body;
    await put(path, 'A', { value: 'one', secret: false });
    expect((await staff.client.get(`${path}/A`)).body.etag).toBe(etag);
    await put(path, 'A', { value: 'two\nlines' });
    await put(unitVariablesOf(acme), 'A', { value: 'three' });
    await staff.client.delete(`${path}/A`);
    const organization = { subjectType: 'organization', subjectId: acme.id };
    const one = { key: 'A', value: 'one', secret: false };
    const two = { key: 'A', value: 'two\nlines', secret: false };
    expect(await eventsOf(acme)).toEqual([
      { type: 'variable.set', ...organization, before: null, after: one },
      { type: 'variable.set', ...organization, before: one, after: two },
      {
        type: 'variable.set',
        subjectType: 'unit',
        subjectId: acme.defaultUnitId,
        before: null,
        after: { key: 'A', value: 'three', secret: false },
      },
      { type: 'variable.removed', ...organization, before: two, after: null },
    ]);
    const listed = await staff.client.get(`${acme.path}/events?type=variable.removed`);
    expect(listed.body.items).toMatchObject([{ actor: { type: 'user', id: staff.id }, before: two }]);
    expect((await staff.client.get(`${acme.path}/events/verify`)).body.valid).toBe(true);
  });

  it("of the operator are in the operator's log", async () => {
    await put(OPERATOR, 'AT_TOP', { value: 'x', secret: true });
    await staff.client.delete(`${OPERATOR}/AT_TOP`);
    const { body } = await staff.client.get(`/admin/operator/events?subjectId=${operatorId}&limit=2`);
    const shown = { key: 'AT_TOP', value: null, secret: true };
    expect(body.items).toMatchObject([
      { type: 'variable.removed', subject: { type: 'operator' }, before: shown, after: null },
      { type: 'variable.set', subject: { type: 'operator' }, before: null, after: shown },
    ]);
  });
});

describe('permission to', () => {
  it('see and change variables follows from the role', async () => {
    const ann = await newPerson(app, 'var-role-ann');
    const acme = await newOrganization(staff, 'Roles Inc', ann);
    const mia = await newMember(app, staff, acme, 'manager', 'var-role-mia');
    const uli = await newMember(app, staff, acme, 'user', 'var-role-uli');
    const eve = await newPerson(app, 'var-role-eve');
    await put(variablesOf(acme), 'SHOWN', { value: 'x' });
    await put(unitVariablesOf(acme), 'SHOWN', { value: 'x' });
    const statuses = async (path: string, { client }: Person) => [
      (await client.get(`${path}/effective`)).status,
      (await client.get(path)).status,
      (await client.get(`${path}/SHOWN`)).status,
      (await client.put(`${path}/SHOWN`, { value: 'y' })).status,
      (await client.delete(`${path}/ABSENT`)).status,
    ];
    const may = [200, 200, 200, 200, 404];
    const sees = [200, 200, 200, 403, 403];
    const effectiveOnly = [200, 403, 403, 403, 403];
    const nothing = [404, 404, 404, 404, 404];
    expect(await statuses(variablesOf(acme), ann)).toEqual(may);
    expect(await statuses(variablesOf(acme), mia)).toEqual(sees);
    expect(await statuses(variablesOf(acme), uli)).toEqual(effectiveOnly);
    expect(await statuses(variablesOf(acme), eve)).toEqual(nothing);
    expect(await statuses(unitVariablesOf(acme), ann)).toEqual(may);
    expect(await statuses(unitVariablesOf(acme), mia)).toEqual(sees);
    expect(await statuses(unitVariablesOf(acme), uli)).toEqual(nothing);
    for (const person of [ann, mia, uli, eve])
      expect(await statuses(OPERATOR, person)).toEqual([403, 403, 403, 403, 403]);
    expect((await app.client().get(`${variablesOf(acme)}/effective`)).status).toBe(401);
  });

  it('change variables ends with the deletion of the organization or the unit', async () => {
    const acme = await newOrganization(staff, 'Ended Inc');
    await put(unitVariablesOf(acme), 'KEPT', { value: 'x' });
    await staff.client.delete(`${acme.path}/units/${acme.defaultUnitId}?confirmName=Default`);
    expect(codeOf(await staff.client.put(`${unitVariablesOf(acme)}/KEPT`, { value: 'y' }))).toEqual([
      409,
      'units.pending_deletion',
    ]);
    await staff.client.post(`${acme.path}/units/${acme.defaultUnitId}/restore`);
    expect(await valuesOf(unitVariablesOf(acme))).toEqual({ KEPT: 'x' });
    await staff.client.delete(`${acme.path}?confirmName=Ended%20Inc`);
    for (const path of [variablesOf(acme), unitVariablesOf(acme)]) {
      expect(codeOf(await staff.client.put(`${path}/KEPT`, { value: 'y' }))).toEqual([
        409,
        'organizations.pending_deletion',
      ]);
      expect(codeOf(await staff.client.get(`${path}/effective`))).toEqual([409, 'organizations.pending_deletion']);
    }
  });
});

describe('the purge', () => {
  const countIn = async (table: string, id: string): Promise<number> => {
    const { rows } = await app.sql.query(`select count(*)::int as count from ${table} where organization_id = $1`, [
      id,
    ]);
    return rows[0].count;
  };

  it('deletes the variables of a unit or an organization, and no others', async () => {
    const acme = await newOrganization(staff, 'Purged Inc');
    const other = await newOrganization(staff, 'Unpurged Inc');
    for (const organization of [acme, other]) {
      await put(variablesOf(organization), 'A', { value: 'x' });
      await put(unitVariablesOf(organization), 'A', { value: 'x', secret: true });
    }
    await put(OPERATOR, 'A', { value: 'x' });
    const purge = () => app.app.get(PurgeService).run();

    await staff.client.delete(`${acme.path}/units/${acme.defaultUnitId}?confirmName=Default`);
    await app.sql.query(`update units set deleted_at = now() - interval '8 days' where id = $1`, [acme.defaultUnitId]);
    await purge();
    expect([await countIn('unit_variables', acme.id), await countIn('organization_variables', acme.id)]).toEqual([
      0, 1,
    ]);

    await staff.client.delete(`${acme.path}?confirmName=Purged%20Inc`);
    await app.sql.query(`update organizations set deleted_at = now() - interval '8 days' where id = $1`, [acme.id]);
    await purge();
    expect((await staff.client.get(acme.path)).status).toBe(404);
    expect(await countIn('organization_variables', acme.id)).toBe(0);
    expect([await countIn('unit_variables', other.id), await countIn('organization_variables', other.id)]).toEqual([
      1, 1,
    ]);
    expect(await valuesOf(OPERATOR)).toEqual({ A: 'x' });
  });
});

describe('the effective variables in code', () => {
  it('are read with one query, with secrets decrypted, and are substituted into text', async () => {
    const acme = await newOrganization(staff, 'Facade Inc');
    await put(OPERATOR, 'HOST', { value: 'example.com' });
    await put(variablesOf(acme), 'TOKEN', { value: SECRET, secret: true });
    await put(unitVariablesOf(acme), 'HOST', { value: 'unit.example.com' });
    const { reader } = app.app.get(Database);
    const pool = (app.app.get(DataSource).driver as unknown as { master: NodeJS.EventEmitter }).master;
    let queries = 0;
    const count = () => queries++;
    pool.on('acquire', count);
    const place = { operatorId, organizationId: acme.id, unitId: acme.defaultUnitId };
    const values = await app.app.get(VariableService).effective(reader, place);
    pool.off('acquire', count);
    expect(queries).toBe(1);
    expect(values.get('TOKEN')).toEqual({
      value: SECRET,
      secret: true,
      builtIn: false,
      source: { level: 'organization', id: acme.id, name: 'Facade Inc' },
    });
    expect(substitute('https://{{HOST}}/{{ORG_SLUG}}?t={{TOKEN}}&x={{ORG_EXTERNAL_ID}}', values)).toEqual({
      text: `https://unit.example.com/${acme.slug}?t=${SECRET}&x={{ORG_EXTERNAL_ID}}`,
      unknown: ['ORG_EXTERNAL_ID'],
    });
    const atOperator = await app.app.get(VariableService).effective(reader, { operatorId });
    expect([...atOperator.keys()]).toEqual(['HOST', 'OPERATOR_NAME', 'OPERATOR_SLUG']);
  });

  it('are not found for an organization and a unit that do not belong together', async () => {
    const acme = await newOrganization(staff, 'Apart Inc');
    const other = await newOrganization(staff, 'Apart Too Inc');
    const { reader } = app.app.get(Database);
    for (const place of [
      { operatorId: acme.id },
      { operatorId: acme.id, organizationId: acme.id },
      { operatorId, organizationId: operatorId },
      { operatorId, organizationId: acme.id, unitId: other.defaultUnitId },
    ]) {
      await expect(app.app.get(VariableService).effective(reader, place)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});
