import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from './support/client.js';
import { creditsOf } from './support/credits.js';
import { newPerson, type Person, signIn, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

/*
 * Routes that use access facts read within the last second. A revocation counts for every request sent after its response,
 * at once on the server that handled it and within a second on others, however many requests keep the
 * cached facts in use.
 */

const WORKERS = 8;
/** Far below the lifetime of the cached facts, and enough to leave the processor to the other tests. */
const PAUSE_MS = 10;
const BOUND_MS = 1_000;

let app: TestApp;
let elsewhere: string;
let staff: Person;
let admin: Person;

beforeAll(async () => {
  app = await startTestApp();
  elsewhere = `${(await app.replica()).origin}/t/demo/api/v1`;
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'cache-admin');
});
afterAll(() => app.close());

interface Seen {
  sentAt: number;
  status: number;
  code: string | undefined;
}

/** Sends requests from `WORKERS` loops until the change and `afterMs` more are over. */
async function during(ask: () => Promise<Answer>, change: () => Promise<unknown>, afterMs: number) {
  const seen: Seen[] = [];
  const stop = new AbortController();
  const worker = async (): Promise<void> => {
    // Once more after the end, however busy the machine is.
    for (let last = false; !last; await sleep(PAUSE_MS)) {
      last = stop.signal.aborted;
      const sentAt = performance.now();
      const { status, body } = await ask();
      seen.push({ sentAt, status, code: body?.code });
    }
  };
  const workers = Array.from({ length: WORKERS }, worker);
  await sleep(200);
  await change();
  const doneAt = performance.now();
  await sleep(afterMs);
  stop.abort();
  await Promise.all(workers);
  return {
    before: seen.filter(({ sentAt }) => sentAt < doneAt),
    after: seen.filter(({ sentAt }) => sentAt > doneAt),
    doneAt,
  };
}

const kinds = (seen: Seen[]): string[] => [
  ...new Set(seen.map(({ status, code }) => `${status} ${code ?? ''}`.trim())),
];

interface Case {
  name: string;
  /** The caller, the request, and what ends the access. `by` is the base URL of the server that is told. */
  prepare: (
    own: Organization,
  ) => Promise<{ ask: (client: Client) => Promise<Answer>; client: Client; end: (by: string) => Promise<Answer> }>;
  refusal: string;
}

let next = 0;
const member = (own: Organization, role = 'user') => newMember(app, staff, own, role, `cached-${next++}`);
const key = async (own: Organization) =>
  (await admin.client.post(`${own.path}/api-keys`, { name: 'Cached', role: 'user' })).body as {
    id: string;
    key: string;
  };
const balance = (own: Organization) => (client: Client) => client.get(creditsOf(own));

const CASES: Case[] = [
  {
    name: 'the end of the session',
    prepare: async (own) => {
      const { email } = await member(own);
      const [asking, ending] = [await signIn(app, email), await signIn(app, email)];
      return {
        client: asking.client,
        ask: balance(own),
        end: (by) => ending.client.at(by).delete('/account/sessions'),
      };
    },
    refusal: '401 auth.invalid_token',
  },
  {
    name: 'a removed member',
    prepare: async (own) => {
      const { client, id } = await member(own);
      return { client, ask: balance(own), end: (by) => admin.client.at(by).delete(`${own.path}/members/${id}`) };
    },
    refusal: '404 organizations.not_found',
  },
  {
    name: 'a lower role',
    prepare: async (own) => {
      const { client, id } = await member(own, 'manager');
      const preview = (as: Client) =>
        as.post(`${creditsOf(own)}/charges?dryRun=true`, { amount: '1', memberId: admin.id });
      const end = (by: string) => admin.client.at(by).patch(`${own.path}/members/${id}`, { role: 'user' });
      return { client, ask: preview, end };
    },
    refusal: '403 billing.member_not_allowed',
  },
  {
    name: 'a revoked key',
    prepare: async (own) => {
      const { id, key: secret } = await key(own);
      const client = app.client().as(secret);
      return { client, ask: balance(own), end: (by) => admin.client.at(by).delete(`${own.path}/api-keys/${id}`) };
    },
    refusal: '401 auth.invalid_token',
  },
  {
    name: 'the suspension of the organization',
    prepare: async (own) => {
      const { client } = await member(own);
      return { client, ask: balance(own), end: (by) => staff.client.at(by).post(`${own.path}/suspend`) };
    },
    refusal: '403 organizations.suspended',
  },
  {
    name: 'the deletion of the organization',
    prepare: async (own) => {
      const client = app.client().as((await key(own)).key);
      const end = (by: string) => staff.client.at(by).delete(`${own.path}?confirmName=${own.name}`);
      return { client, ask: balance(own), end };
    },
    refusal: '401 auth.invalid_token',
  },
];

describe('a cached permission', () => {
  it('is gone with the response to its revocation, and is cached no longer than a second', async () => {
    const own = await newOrganization(staff, 'Cached', admin);
    const { client, id } = await member(own);
    // A change on another server can be missed for a moment. Otherwise nothing is cached here and the test shows nothing.
    let missed = false;
    for (let tries = 0; tries < 20 && !missed; tries++) {
      await app.sql.query('update users set blocked_at = null where id = $1', [id]);
      await sleep(BOUND_MS);
      await client.get(creditsOf(own));
      await app.sql.query('update users set blocked_at = now() where id = $1', [id]);
      missed = (await client.get(creditsOf(own))).status === 200;
    }
    expect(missed).toBe(true);
    await sleep(BOUND_MS);
    expect((await client.get(creditsOf(own))).status).toBe(401);
  });

  it.each(CASES)('ends at once on this server: $name', async ({ name, prepare, refusal }) => {
    const own = await newOrganization(staff, `Here-${CASES.findIndex((one) => one.name === name)}`, admin);
    const { ask, client, end } = await prepare(own);
    const { before, after } = await during(
      () => ask(client),
      () => end(client.base),
      200,
    );
    expect(before.length).toBeGreaterThan(WORKERS);
    expect(kinds(before)).not.toEqual([refusal]);
    expect(kinds(after)).toEqual([refusal]);
  });

  describe('ends within a second on another server', () => {
    const results: Awaited<ReturnType<typeof during>>[] = [];

    // All at once, because each of them waits for more than that second.
    beforeAll(async () => {
      const prepared = [];
      for (const [index, { prepare }] of CASES.entries())
        prepared.push(await prepare(await newOrganization(staff, `There-${index}`, admin)));
      const all = prepared.map(({ ask, client, end }) =>
        during(
          () => ask(client),
          () => end(elsewhere),
          BOUND_MS + 200,
        ),
      );
      results.push(...(await Promise.all(all)));
    });

    it.each(CASES.map(({ name, refusal }, index) => ({ name, refusal, index })))('$name', ({ refusal, index }) => {
      const { after = [], doneAt = 0 } = results[index] ?? {};
      expect(kinds(after.filter(({ sentAt }) => sentAt >= doneAt + BOUND_MS))).toEqual([refusal]);
    });
  });

  it.each(['never outlives an expired %s', 'key'] as const)('never outlives what expires: a %s', async (kind) => {
    const own = await newOrganization(staff, `Expiring-${kind}`, admin);
    const person = await member(own);
    const made = await key(own);
    const client = kind === 'key' ? app.client().as(made.key) : person.client;
    const [table, owner, id] =
      kind === 'key' ? ['organization_api_keys', 'id', made.id] : ['sessions', 'user_id', person.id];
    const { rows } = await app.sql.query<{ at: Date }>(
      `update ${table} set expires_at = now() + interval '2 seconds' where ${owner} = $1 returning expires_at as at`,
      [id],
    );
    const expiresAt = performance.now() + (rows[0]?.at.getTime() ?? 0) - Date.now();
    const { before, after } = await during(
      () => client.get(creditsOf(own)),
      () => sleep(expiresAt - performance.now() + 5),
      200,
    );
    expect(kinds(before)).toContain('200');
    expect(kinds(after)).toEqual(['401 auth.invalid_token']);
  });
});
