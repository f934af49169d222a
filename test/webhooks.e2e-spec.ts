import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../src/database/index.js';
import { PurgeService } from '../src/purge/purge.service.js';
import { DeliveryRetentionJob } from '../src/webhooks/deliveries/delivery-retention.job.js';
import { DispatchStore, type LeasedWebhook } from '../src/webhooks/dispatch/dispatch.store.js';
import { WebhookFanOutJob } from '../src/webhooks/dispatch/fan-out.job.js';
import { mailsTo, newPerson, type Person, signInAdmin } from './support/people.js';
import { Receiver } from './support/receiver.js';
import { runEverywhere } from './support/schedules.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
let admin: Person;
let count = 0;
const receivers: Receiver[] = [];

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  second = await app.replica();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'hooks-admin');
});
afterAll(async () => {
  await app.close();
  for (const receiver of receivers) await receiver.close();
});

async function receive(...answer: Parameters<typeof Receiver.start>): Promise<Receiver> {
  const receiver = await Receiver.start(...answer);
  receivers.push(receiver);
  return receiver;
}

const fresh = (): Promise<Organization> => newOrganization(staff, `Hooked ${count++}`, admin);
const hooksOf = ({ path }: Organization): string => `${path}/webhooks`;

async function newHook(one: Organization, url: string, input: object = {}) {
  const { status, body } = await admin.client.post(hooksOf(one), { url, eventTypes: ['unit.*'], ...input });
  expect([status, body.code]).toEqual([201, undefined]);
  return body;
}

const rename = (one: Organization, name: string) => admin.client.patch(one.path, { name });
const deliveriesOf = async (one: Organization, { id }: { id: string }, query = '') =>
  (await admin.client.get(`${hooksOf(one)}/${id}/deliveries${query}`)).body.items;

/** Reads the webhook until it is as expected, or for a while. */
async function hookOnce(one: Organization, { id }: { id: string }, is: (hook: any) => boolean) {
  for (let tries = 0; ; tries++) {
    const { body } = await admin.client.get(`${hooksOf(one)}/${id}`);
    if (is(body) || tries > 200) return body;
    await sleep(50);
  }
}

async function deliveryOnce(one: Organization, hook: { id: string }, is: (delivery: any) => boolean) {
  for (let tries = 0; ; tries++) {
    const [delivery] = await deliveriesOf(one, hook);
    if ((delivery && is(delivery)) || tries > 200) return delivery;
    await sleep(50);
  }
}

/** Makes everything that waits due now. */
async function passTime(): Promise<void> {
  for (const owner of ['organization', 'operator']) {
    await app.sql.query(`update ${owner}_webhook_deliveries set next_attempt_at = now() where state = 'pending'`);
    await app.sql.query(`update ${owner}_webhooks set due_at = now() where due_at is not null`);
  }
}

describe('a delivery', () => {
  it('says what happened, signed as the reference library checks it', async () => {
    const one = await fresh();
    const receiver = await receive();
    const hook = await newHook(one, receiver.url, { eventTypes: ['organization.*'] });
    await admin.client.post(`${one.path}/units`, { name: 'Not asked for' });
    await rename(one, 'Renamed');
    expect(await receiver.types(1)).toEqual(['organization.updated']);
    const [received] = receiver.received;
    if (!received) throw new Error('nothing arrived');
    expect(receiver.verified(received, hook.secret)).toEqual({
      type: 'organization.updated',
      timestamp: expect.any(String),
      data: {
        id: received.headers['webhook-id'],
        organization: { id: one.id, slug: one.slug, externalId: null },
        actor: { type: 'user', id: admin.id },
        subject: { type: 'organization', id: one.id },
        before: { name: one.name },
        after: { name: 'Renamed' },
      },
    });
    expect(() => receiver.verified(received, `whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow();
    const { body: log } = await admin.client.get(`${one.path}/events?type=organization.updated`);
    expect(log.items[0].id).toBe(received.headers['webhook-id']);
    const delivery = await deliveryOnce(one, hook, ({ status }) => status === 'delivered');
    expect(delivery).toMatchObject({ type: 'organization.updated', attempts: 1, responseStatus: 200, error: null });
    const detail = await admin.client.get(`${hooksOf(one)}/${hook.id}/deliveries/${delivery.id}`);
    expect(detail.body).toMatchObject({ request: { body: received.text }, response: 'thank you' });
  });

  it('is made once for each event on two servers, in order for each subject, and at most four at a time', async () => {
    const one = await fresh();
    const receiver = await receive((response) => void setTimeout(() => response.end(), 20));
    const hook = await newHook(one, receiver.url, { eventTypes: ['organization.updated', 'unit.*'] });
    // The first delivery shows that the receiver works. After it, four go out at a time.
    await rename(one, 'Name 0');
    await receiver.types(1);
    await hookOnce(one, hook, () => true);
    for (let index = 1; index <= 15; index++) await rename(one, `Name ${index}`);
    await Promise.all(
      Array.from({ length: 15 }, (_, index) => admin.client.post(`${one.path}/units`, { name: `U${index}` })),
    );
    await runEverywhere([app, second], WebhookFanOutJob, 3);
    await receiver.types(31);
    await sleep(500);
    expect(receiver.received).toHaveLength(31);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(31);
    const names = receiver.received
      .filter(({ body }) => body.type === 'organization.updated')
      .map(({ body }) => body.data.after.name);
    expect(names).toEqual(Array.from({ length: 16 }, (_, index) => `Name ${index}`));
    expect(receiver.mostInProgress).toBeGreaterThan(1);
    expect(receiver.mostInProgress).toBeLessThanOrEqual(4);
  });

  it('goes to webhooks of the operator for all its organizations, and for its own events', async () => {
    const receiver = await receive();
    const { body: hook } = await staff.client.post('/admin/operator/webhooks', {
      url: receiver.url,
      eventTypes: ['unit.created', 'plan.created'],
    });
    const [one, other] = [await fresh(), await fresh()];
    await staff.client.post('/admin/plans', { name: `Hooked plan ${count++}`, monthlyCredits: '1' });
    const types = await receiver.types(3);
    expect([...types].sort((a, b) => a.localeCompare(b))).toEqual(['plan.created', 'unit.created', 'unit.created']);
    const organizations = receiver.received.map(({ body }) => body.data.organization?.id ?? null);
    expect(new Set(organizations)).toEqual(new Set([one.id, other.id, null]));
    expect((await staff.client.delete(`/admin/operator/webhooks/${hook.id}`)).status).toBe(204);
  });

  it('has the headers of the webhook, with variables and secret ones', async () => {
    const one = await fresh();
    await admin.client.put(`${one.path}/variables/RECEIVER_TOKEN`, { value: 'hunter2', secret: true });
    const receiver = await receive();
    const hook = await newHook(one, receiver.url, {
      headers: { Authorization: 'Bearer {{RECEIVER_TOKEN}}', 'X-Organization': '{{ORG_SLUG}}' },
    });
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    await receiver.types(1);
    expect(receiver.received[0]?.headers).toMatchObject({
      authorization: 'Bearer hunter2',
      'x-organization': one.slug,
      'content-type': 'application/json',
    });
    const { body } = await admin.client.get(`${one.path}/events?type=webhook.created`);
    expect(body.items[0].after.headers).toEqual(['Authorization', 'X-Organization']);
  });
});

it('is not delivered while a header names a variable that does not exist', async () => {
  const one = await fresh();
  const receiver = await receive();
  const hook = await newHook(one, receiver.url, { headers: { Authorization: 'Bearer {{MISSING}}' } });
  await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
  expect(await deliveryOnce(one, hook, ({ attempts }) => attempts === 1)).toMatchObject({
    status: 'pending',
    responseStatus: null,
    error: 'invalid_header',
  });
  expect(receiver.received).toEqual([]);
  await admin.client.put(`${one.path}/variables/MISSING`, { value: 'found' });
  await passTime();
  await receiver.types(1);
  expect(receiver.received[0]?.headers.authorization).toBe('Bearer found');
});

it('never gets the secret variables of the operator, which the admins of organizations cannot read', async () => {
  const one = await fresh();
  await staff.client.put('/admin/operator/variables/PLATFORM_KEY', { value: 'hunter3', secret: true });
  await staff.client.put('/admin/operator/variables/REGION', { value: 'eu' });
  const headers = { 'X-Key': '{{PLATFORM_KEY}}', 'X-Region': '{{REGION}}' };
  const receiver = await receive();
  const hook = await newHook(one, receiver.url, { headers });
  await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
  const refused = await deliveryOnce(one, hook, ({ attempts }) => attempts === 1);
  expect([refused.error, receiver.received]).toEqual(['invalid_header', []]);
  await admin.client.patch(`${hooksOf(one)}/${hook.id}`, { headers: { 'X-Region': '{{REGION}}' } });
  await passTime();
  await receiver.types(1);
  expect(receiver.received[0]?.headers).toMatchObject({ 'x-region': 'eu' });
  const ofOperator = await receive();
  const input = { url: ofOperator.url, eventTypes: ['unit.*'], headers };
  const created = await staff.client.post('/admin/operator/webhooks', input);
  await staff.client.post(`/admin/operator/webhooks/${created.body.id}/test`);
  await ofOperator.types(1);
  expect(ofOperator.received[0]?.headers).toMatchObject({ 'x-key': 'hunter3', 'x-region': 'eu' });
  await staff.client.delete(`/admin/operator/webhooks/${created.body.id}`);
});

describe('a receiver that fails', () => {
  it('gets the delivery again after 5 s, 30 s, 5 min … and 10 attempts in all', async () => {
    const one = await fresh();
    const receiver = await receive((response) => response.writeHead(500).end('not now'));
    const hook = await newHook(one, receiver.url);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt++) {
      await receiver.types(attempt);
      const delivery = await deliveryOnce(one, hook, ({ attempts }) => attempts === attempt);
      expect(delivery).toMatchObject({ attempts: attempt, responseStatus: 500 });
      if (delivery.nextAttemptAt)
        waits.push(Math.round((Date.parse(delivery.nextAttemptAt) - Date.parse(delivery.attemptedAt)) / 1000));
      expect(delivery.status).toBe(attempt === 10 ? 'failed' : 'pending');
      await passTime();
    }
    expect(waits).toEqual([5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000]);
    const shown = await hookOnce(one, hook, ({ failingSince }) => failingSince !== null);
    expect(shown).toMatchObject({ active: true, failingSince: expect.any(String) });

    receiver.answersWith((response) => response.end());
    const [{ id }] = await deliveriesOf(one, hook);
    expect((await admin.client.post(`${hooksOf(one)}/${hook.id}/deliveries/${id}/replay`)).status).toBe(202);
    expect(await deliveryOnce(one, hook, ({ status }) => status === 'delivered')).toMatchObject({ attempts: 1 });
    expect(await hookOnce(one, hook, ({ failingSince }) => failingSince === null)).toMatchObject({
      failingSince: null,
    });
  });

  it('gets later events about the same subject after the earlier one', async () => {
    const one = await fresh();
    let broken = true;
    const receiver = await receive((response, { body }) =>
      response.writeHead(broken && body.data.after?.name === 'First' ? 503 : 200).end(),
    );
    const hook = await newHook(one, receiver.url, { eventTypes: ['organization.updated', 'unit.created'] });
    await rename(one, 'First');
    await receiver.types(1);
    await deliveryOnce(one, hook, ({ attempts }) => attempts === 1);
    await rename(one, 'Second');
    await admin.client.post(`${one.path}/units`, { name: 'Another subject' });
    expect(await receiver.types(2)).toEqual(['organization.updated', 'unit.created']);
    broken = false;
    await passTime();
    await receiver.types(4);
    expect(receiver.received.slice(2).map(({ body }) => body.data.after.name)).toEqual(['First', 'Second']);
  });

  it('is switched off by 410, and its admins get a mail', async () => {
    const one = await fresh();
    const receiver = await receive((response) => response.writeHead(410).end());
    const hook = await newHook(one, receiver.url);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    expect(await hookOnce(one, hook, ({ active }) => !active)).toMatchObject({ disabledReason: 'gone' });
    const mails = await mailsTo(app, admin.email, 1, /webhook of .* was switched off/);
    expect(mails[0]?.text).toContain('410 Gone');
    const { body } = await admin.client.get(`${one.path}/events?type=webhook.disabled`);
    expect(body.items).toMatchObject([{ subject: { id: hook.id }, actor: { type: 'system' } }]);
    const test = await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    expect([test.status, test.body.code]).toEqual([409, 'webhooks.inactive']);
    // Switching it on sends what waits.
    receiver.answersWith((response) => response.end());
    await passTime();
    expect((await admin.client.patch(`${hooksOf(one)}/${hook.id}`, { active: true })).body).toMatchObject({
      active: true,
      disabledReason: null,
    });
    await deliveryOnce(one, hook, ({ status }) => status === 'delivered');
  });

  it('is not switched off by what its address before answered', async () => {
    const one = await fresh();
    const held: (() => unknown)[] = [];
    const receiver = await receive((response) => held.push(() => response.writeHead(410).end()));
    const other = await receive();
    const hook = await newHook(one, receiver.url);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    await receiver.types(1);
    expect((await admin.client.patch(`${hooksOf(one)}/${hook.id}`, { url: other.url })).status).toBe(200);
    held.forEach((answer) => answer());
    await deliveryOnce(one, hook, ({ attempts }) => attempts === 1);
    await passTime();
    expect(await other.types(1)).toEqual(['webhook.test']);
    expect(await hookOnce(one, hook, () => true)).toMatchObject({ active: true, disabledReason: null });
  });

  it('with a long queue comes after those that waited during its turn', async () => {
    const one = await fresh();
    const receiver = await receive((response) => response.writeHead(500).end());
    const hook = await newHook(one, receiver.url);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    await deliveryOnce(one, hook, ({ attempts }) => attempts === 1);
    await admin.client.patch(`${hooksOf(one)}/${hook.id}`, { active: false });
    await app.sql.query(
      `update organization_webhook_deliveries set next_attempt_at = now() - interval '1 hour' where webhook_id = $1`,
      [hook.id],
    );
    const owner = { kind: 'organization', id: one.id } as const;
    const leased = { id: hook.id, owner, leasedUntil: new Date(), deletedAt: null } as unknown as LeasedWebhook;
    const outcome = { succeeded: null, at: new Date(), disabled: null };
    await app.app.get(Database).transaction((tx) => app.app.get(DispatchStore).release(tx, leased, outcome));
    const { rows } = await app.sql.query(
      `select due_at > now() - interval '30 minutes' as last from organization_webhooks where id = $1`,
      [hook.id],
    );
    expect(rows).toEqual([{ last: true }]);
  });

  it('is switched off after five days of failures', async () => {
    const one = await fresh();
    const receiver = await receive((response) => response.writeHead(500).end());
    const hook = await newHook(one, receiver.url);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    await hookOnce(one, hook, ({ failingSince }) => failingSince !== null);
    await app.sql.query(
      `update organization_webhooks set failing_since = now() - interval '5 days 1 minute' where id = $1`,
      [hook.id],
    );
    await passTime();
    expect(await hookOnce(one, hook, ({ active }) => !active)).toMatchObject({ disabledReason: 'failing' });
  });

  it.each([
    ['answers 10 MB', (response: any) => response.end(Buffer.alloc(10 * 1024 * 1024, 'x')), 4096],
    [
      'never ends',
      (response: any) => {
        const timer = setInterval(() => response.write('x'.repeat(1000)), 5);
        response.on('close', () => clearInterval(timer));
      },
      4096,
    ],
    ['has no text in its answer', (response: any) => response.end(Buffer.from([0, 255, 65])), 3],
  ] as const)('counts with its status if it %s', async (_what, answer, length) => {
    const one = await fresh();
    const receiver = await receive(answer);
    const hook = await newHook(one, receiver.url);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    const { id } = await deliveryOnce(one, hook, ({ status }) => status === 'delivered');
    const { body } = await admin.client.get(`${hooksOf(one)}/${hook.id}/deliveries/${id}`);
    expect([body.status, body.response.length]).toEqual(['delivered', length]);
  });

  it('is not followed elsewhere', async () => {
    const [one, elsewhere] = [await fresh(), await receive()];
    const receiver = await receive((response) => response.writeHead(307, { location: elsewhere.url }).end());
    const hook = await newHook(one, receiver.url);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    expect(await deliveryOnce(one, hook, ({ attempts }) => attempts === 1)).toMatchObject({
      status: 'pending',
      responseStatus: 307,
    });
    expect(elsewhere.received).toEqual([]);
  });

  it('that hangs holds up no other', async () => {
    const [one, other] = [await fresh(), await fresh()];
    const hanging = await receive(() => undefined);
    for (let index = 0; index < 5; index++) {
      const hook = await newHook(one, hanging.url);
      await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    }
    await hanging.types(5);
    const receiver = await receive();
    await newHook(other, receiver.url, { eventTypes: ['organization.updated'] });
    await rename(other, 'Arrives');
    expect(await receiver.types(1)).toEqual(['organization.updated']);
    expect(hanging.inProgress).toBe(5);
  });
});

describe('secrets', () => {
  it('are shown once, and a new one signs beside the one before', async () => {
    const one = await fresh();
    const receiver = await receive();
    const hook = await newHook(one, receiver.url);
    expect(hook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await admin.client.get(`${hooksOf(one)}/${hook.id}`)).body.secret).toBeUndefined();
    const rotated = await admin.client.post(`${hooksOf(one)}/${hook.id}/rotate-secret`);
    expect(rotated.body.secret).not.toBe(hook.secret);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    await receiver.types(1);
    const [received] = receiver.received;
    if (!received) throw new Error('nothing arrived');
    expect(receiver.verified(received, hook.secret)).toEqual(receiver.verified(received, rotated.body.secret));
    await app.sql.query(`update organization_webhooks set previous_secret_until = now() where id = $1`, [hook.id]);
    await admin.client.post(`${hooksOf(one)}/${hook.id}/test`);
    await receiver.types(2);
    const [, later] = receiver.received;
    if (!later) throw new Error('nothing arrived');
    expect(() => receiver.verified(later, hook.secret)).toThrow();
    expect(receiver.verified(later, rotated.body.secret)).toBeDefined();
  });
});

describe('bad input', () => {
  it.each([
    ['http', 'http://example.com/hook'],
    ['loopback', 'https://127.0.0.2/hook'],
    ['a decimal address', 'https://2130706434/hook'],
    ['an octal address', 'https://0177.0.0.2/hook'],
    ['a hexadecimal address', 'https://0x7f.0.0.2/hook'],
    ['a short address', 'https://127.2/hook'],
    ['all addresses', 'https://0.0.0.0/hook'],
    ['IPv6 loopback', 'https://[::1]/hook'],
    ['a mapped address', 'https://[::ffff:127.0.0.2]/hook'],
    ['a mapped address in hexadecimal', 'https://[::ffff:7f00:2]/hook'],
    ['a translated address', 'https://[64:ff9b::7f00:2]/hook'],
    ['a 6to4 address', 'https://[2002:7f00:2::]/hook'],
    ['the metadata of a cloud', 'https://169.254.169.254/latest'],
    ['a private network', 'https://10.0.0.1/hook'],
    ['a local name', 'https://localhost/hook'],
    ['a local name with a dot', 'https://localhost./hook'],
    ['a unique local address', 'https://[fd00::1]/hook'],
  ])('refuses %s', async (_what, url) => {
    const one = await fresh();
    const { status, body } = await admin.client.post(hooksOf(one), { url, eventTypes: ['*'] });
    expect([url, status, body.code]).toEqual([url, 422, 'webhooks.url_not_allowed']);
    expect((await admin.client.get(hooksOf(one))).body.items).toEqual([]);
  });

  it.each([
    ['no address', { url: undefined }, 400, 'validation_failed'],
    ['credentials in the address', { url: 'https://me:secret@example.com/' }, 400, 'validation_failed'],
    ['no types', { eventTypes: [] }, 400, 'validation_failed'],
    ['an unknown type', { eventTypes: ['organization.exploded'] }, 422, 'webhooks.unknown_event_type'],
    ['an unknown prefix', { eventTypes: ['nothing.*'] }, 422, 'webhooks.unknown_event_type'],
    ['a pattern in the middle', { eventTypes: ['*.created'] }, 400, 'validation_failed'],
    ['a reserved header', { headers: { Host: 'internal' } }, 422, 'webhooks.header_not_allowed'],
    ['the signature as a header', { headers: { 'Webhook-Signature': 'v1,x' } }, 422, 'webhooks.header_not_allowed'],
    ['a line break in a header', { headers: { 'X-A': 'a\r\nB: c' } }, 400, 'validation_failed'],
    ['a header twice', { headers: { 'X-A': 'a', 'x-a': 'b' } }, 400, 'validation_failed'],
    ['a header that is no text', { headers: { 'X-A': 1 } }, 400, 'validation_failed'],
  ])('refuses %s', async (_what, input, status, code) => {
    const one = await fresh();
    const answer = await admin.client.post(hooksOf(one), { url: 'https://example.com/', eventTypes: ['*'], ...input });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('refuses a stale change and a 21st webhook', async () => {
    const one = await fresh();
    const hook = await newHook(one, 'https://example.com/hook');
    await admin.client.patch(`${hooksOf(one)}/${hook.id}`, { description: 'Changed' });
    const stale = await admin.client.patch(
      `${hooksOf(one)}/${hook.id}`,
      { active: false },
      { headers: { 'if-match': hook.etag } },
    );
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    const answers = await Promise.all(
      Array.from({ length: 21 }, () =>
        admin.client.post(hooksOf(one), { url: 'https://example.com/', eventTypes: ['*'], active: false }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(19);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('webhooks.limit_reached');
  });
});

it('replays all deliveries since a time, and keeps them for 30 days', async () => {
  const one = await fresh();
  const receiver = await receive();
  const hook = await newHook(one, receiver.url, { eventTypes: ['organization.updated'] });
  for (const name of ['One', 'Two', 'Three']) await rename(one, name);
  await receiver.types(3);
  await deliveryOnce(one, hook, ({ status }) => status === 'delivered');
  await app.sql.query(
    `update organization_webhook_deliveries set created_at = created_at - interval '31 days'
     where id = (select id from organization_webhook_deliveries where webhook_id = $1 order by position limit 1)`,
    [hook.id],
  );
  const since = new Date(Date.now() - 60 * 60_000).toISOString();
  const { status, body } = await admin.client.post(`${hooksOf(one)}/${hook.id}/replay`, { since });
  expect([status, body]).toEqual([202, { replayed: 2 }]);
  await receiver.types(5);
  expect(receiver.received.slice(3).map(({ body: again }) => again.data.after.name)).toEqual(['Two', 'Three']);
  await runEverywhere([app, second], DeliveryRetentionJob);
  expect(await deliveriesOf(one, hook)).toHaveLength(2);
  expect(await deliveriesOf(one, hook, '?type=unit.created')).toEqual([]);
  expect(await deliveriesOf(one, hook, `?since=${encodeURIComponent(since)}`)).toHaveLength(2);
});

it('delivers the deletion of an organization and nothing after it, and purges all', async () => {
  const one = await fresh();
  const receiver = await receive();
  const hook = await newHook(one, receiver.url, { eventTypes: ['organization.*'] });
  const { status } = await admin.client.delete(`${one.path}?confirmName=${encodeURIComponent(one.name)}`);
  expect(status).toBe(202);
  expect(await receiver.types(1)).toEqual(['organization.deletion_scheduled']);
  await staff.client.post(`${one.path}/restore`);
  await rename(one, 'Back');
  const types = await receiver.types(3);
  expect(types.slice(1)).toEqual(['organization.restored', 'organization.updated']);
  await staff.client.delete(`${one.path}?confirmName=Back`);
  await receiver.types(4);
  await app.sql.query(`update organizations set deleted_at = now() - interval '8 days' where id = $1`, [one.id]);
  await app.app.get(PurgeService).run({});
  const left = await app.sql.query('select 1 from organization_webhooks where id = $1', [hook.id]);
  expect(left.rows).toEqual([]);
});

it('sends what waited when a deleted organization is restored', async () => {
  const one = await fresh();
  const receiver = await receive((response) => response.writeHead(503).end());
  const hook = await newHook(one, receiver.url);
  await admin.client.post(`${one.path}/units`, { name: 'Waits' });
  await deliveryOnce(one, hook, ({ attempts }) => attempts === 1);
  await admin.client.delete(`${one.path}?confirmName=${encodeURIComponent(one.name)}`);
  await passTime();
  // Its turn finds nothing that a deleted organization may still get.
  for (let tries = 0; tries < 100; tries++) {
    const { rows } = await app.sql.query('select 1 from organization_webhooks where id = $1 and due_at is null', [
      hook.id,
    ]);
    if (rows.length > 0) break;
    await sleep(50);
  }
  expect(receiver.received).toHaveLength(1);
  receiver.answersWith((response) => response.end());
  expect((await staff.client.post(`${one.path}/restore`)).status).toBe(200);
  expect(await receiver.types(2)).toEqual(['unit.created', 'unit.created']);
});

describe('the catalogue', () => {
  it('describes every event that was written in this test, with a schema that fits what arrived', async () => {
    const { body } = await admin.client.get('/webhook-event-types');
    const known = new Set(body.items.map(({ type }: any) => type));
    const { rows } = await app.sql.query<{ type: string }>(
      'select distinct type from organization_events union select distinct type from operator_events',
    );
    expect(rows.filter(({ type }) => !known.has(type))).toEqual([]);
    const { default: Ajv } = await import('ajv/dist/2020.js');
    const { default: formats } = await import('ajv-formats');
    const ajv = new (Ajv as any)({ strict: false });
    (formats as any)(ajv);
    const schemas = new Map<string, any>(body.items.map(({ type, schema }: any) => [type, ajv.compile(schema)]));
    const arrived = receivers.flatMap(({ received }) => received);
    expect(arrived.length).toBeGreaterThan(20);
    for (const { body: one } of arrived) {
      const validate = schemas.get(one.type);
      expect([one.type, validate?.(one), validate?.errors]).toEqual([one.type, true, null]);
    }
  });
});
