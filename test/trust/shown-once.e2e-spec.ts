import { readFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { PurgeService } from '../../src/purge/index.js';
import type { Answer } from '../support/client.js';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let home: Organization;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Home');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const ALREADY_SHOWN = [409, 'idempotency.secret_already_shown'];
const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });
const outcome = ({ status, body }: Answer) => [status, body?.code];

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function codeOf(secret: string): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Sends a request twice with one key, the second time to the other server. */
async function twice(person: Person, path: string, body: object, key: string): Promise<Answer[]> {
  const there = person.client.at(`${replica.origin}/t/demo/api/v1`);
  return [await person.client.post(path, body, withKey(key)), await there.post(path, body, withKey(key))];
}

describe('a secret that is shown once', () => {
  it.each([
    ['an API key', () => `${home.path}/api-keys`, { name: 'Key', role: 'user' }, 'key'],
    ['a SCIM key', () => `${home.path}/scim-keys`, { name: 'Directory' }, 'key'],
    ['the secret of a client', () => '/admin/clients', { name: 'Client', audience: 'shown-once' }, 'secret'],
  ])('is not shown again by a repetition: %s', async (name, path, body, field) => {
    const [first, again] = await twice(staff, path(), body, `once ${name}`);
    expect([first?.status, typeof first?.body[field]]).toEqual([201, 'string']);
    expect(outcome(again as Answer)).toEqual(ALREADY_SHOWN);
    expect(JSON.stringify(again?.body)).not.toContain(first?.body[field]);
    expect(again?.headers.get('idempotent-replayed')).toBeNull();
  });

  it('is not shown again by a repetition: a rotated secret, an authenticator app, recovery codes', async () => {
    const client = await staff.client.post('/admin/clients', { name: 'Rotated', audience: 'rotated' });
    const [rotated, again] = await twice(staff, `/admin/clients/${client.body.id}/rotate-secret`, {}, 'rotate');
    expect([rotated?.status, outcome(again as Answer)]).toEqual([200, ALREADY_SHOWN]);
    const person = await newPerson(app, 'shown-once');
    const [totp, totpAgain] = await twice(person, '/account/mfa/totp', {}, 'totp');
    expect([totp?.status, outcome(totpAgain as Answer)]).toEqual([201, ALREADY_SHOWN]);
    const confirmation = { code: codeOf(totp?.body.secret) };
    const [confirmed, confirmedAgain] = await twice(person, '/account/mfa/totp/confirm', confirmation, 'confirm');
    expect([confirmed?.body.recoveryCodes.length, outcome(confirmedAgain as Answer)]).toEqual([10, ALREADY_SHOWN]);
    const [codes, codesAgain] = await twice(person, '/account/mfa/recovery-codes', {}, 'codes');
    expect([codes?.status, outcome(codesAgain as Answer)]).toEqual([201, ALREADY_SHOWN]);
  });

  it('is created once by twenty requests at once on two servers, and shown by one of them', async () => {
    const there = staff.client.at(`${replica.origin}/t/demo/api/v1`);
    const body = { name: 'At once', role: 'user' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? staff.client : there).post(`${home.path}/api-keys`, body, withKey('at once')),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body: { code } }) => code))).toEqual(
      new Set([ALREADY_SHOWN[1]]),
    );
    const { rows } = await app.sql.query(`select 1 from organization_api_keys where name = 'At once'`);
    expect(rows).toHaveLength(1);
  });

  it('is marked at every route that shows one', () => {
    const { paths, components } = JSON.parse(readFileSync('openapi.json', 'utf8'));
    const SECRETS = /^(?:key|secret|recoveryCodes|startUrl|qrCode)$/;
    const NOT_SECRET = new Set(['PresetView', 'RoleView', 'RoleTemplateView', 'ConnectionView', 'ContentDocumentView']);
    const unmarked: string[] = [];
    for (const [path, item] of Object.entries<any>(paths)) {
      const { post } = item;
      if (!post || !post['x-error-codes']?.includes('idempotency.mismatch')) continue;
      const text = JSON.stringify(Object.entries(post.responses).filter(([status]) => status.startsWith('2')));
      const shown = [...text.matchAll(/schemas\/(\w+)/g)].filter(
        ([, name = '']) =>
          !NOT_SECRET.has(name) &&
          Object.keys(components.schemas[name]?.properties ?? {}).some((property) => SECRETS.test(property)),
      );
      if (shown.length > 0 && !post['x-error-codes'].includes('idempotency.secret_already_shown')) unmarked.push(path);
    }
    expect(unmarked).toEqual([]);
  });
});

it('stored responses of an organization go with its purge', async () => {
  const doomed = await newOrganization(staff, 'Doomed');
  expect((await staff.client.post(`${doomed.path}/units`, { name: 'Unit' }, withKey('doomed'))).status).toBe(201);
  const stored = () => app.sql.query('select 1 from idempotency_keys where organization_id = $1', [doomed.id]);
  expect((await stored()).rows).toHaveLength(1);
  const { status } = await staff.client.delete(`${doomed.path}?confirmName=Doomed`);
  expect(status).toBe(202);
  await app.sql.query(`update organizations set deleted_at = now() - interval '8 days' where id = $1`, [doomed.id]);
  await app.app.get(PurgeService).run();
  expect((await app.sql.query('select 1 from organizations where id = $1', [doomed.id])).rows).toEqual([]);
  expect((await stored()).rows).toEqual([]);
});
