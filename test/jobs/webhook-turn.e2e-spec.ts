import { setTimeout as sleep } from 'node:timers/promises';
import { WebhookDeliveryJob } from '../../src/webhooks/dispatch/webhook-delivery.job.js';
import { Lifeline } from '../support/lifeline.js';
import { type Person, signInAdmin } from '../support/people.js';
import { Receiver } from '../support/receiver.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization } from '../support/tree.js';

const SETTINGS = { ALLOWED_PRIVATE_HOSTS: '127.0.0.1' };
let app: TestApp;
let line: Lifeline;
let staff: Person;
let receiver: Receiver;

beforeAll(async () => {
  app = await startTestApp(SETTINGS);
  line = await Lifeline.open(app.databaseUrl);
  receiver = await Receiver.start();
  staff = await signInAdmin(app);
  // Only the server that will be killed delivers.
  await app.app.get(WebhookDeliveryJob).onModuleDestroy();
});
afterAll(async () => {
  line.revive();
  await app.close();
  line.close();
  await receiver.close();
});

const count = async (condition: string): Promise<number> =>
  Number(
    (await app.sql.query(`select count(*) from organization_webhook_deliveries where ${condition}`)).rows[0].count,
  );

async function until(condition: string, expected: number): Promise<void> {
  for (let tries = 0; (await count(condition)) !== expected; tries++) {
    if (tries > 400) throw new Error(`not ${expected} deliveries where ${condition}`);
    await sleep(50);
  }
}

it('a server that is killed in the middle of a turn loses nothing: the others go on once its lease has ended', async () => {
  const one = await newOrganization(staff, 'Before');
  const { body: hook } = await staff.client.post(`${one.path}/webhooks`, {
    url: receiver.url,
    eventTypes: ['organization.updated', 'unit.created'],
  });
  const lease = (end: string) =>
    app.sql.query(`update organization_webhooks set leased_until = ${end} where id = $1`, [hook.id]);
  await lease(`now() + interval '1 hour'`);
  for (const name of ['One', 'Two', 'Three']) await staff.client.patch(one.path, { name });
  for (const name of ['A', 'B', 'C']) await staff.client.post(`${one.path}/units`, { name });
  await until(`state = 'pending'`, 6);

  line.killAt({ marker: 'set attempts = d.attempts + 1', step: 0, delivered: false });
  await app.replica(SETTINGS, line.url);
  await lease('null');
  await receiver.types(1);
  for (let tries = 0; !line.dead && tries < 200; tries++) await sleep(50);
  expect([line.dead, receiver.received.length, await count(`state = 'pending'`)]).toEqual([true, 1, 6]);

  // The others leave the endpoint to the dead server while its lease lasts.
  await app.replica(SETTINGS);
  await app.replica(SETTINGS);
  await sleep(1500);
  expect(receiver.received).toHaveLength(1);

  await lease(`now() - interval '1 second'`);
  await until(`state = 'delivered'`, 6);
  // Nobody wrote down the first one, so it arrives again.
  expect(receiver.received).toHaveLength(7);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(6);
  expect(ids.filter((id) => id === ids[0])).toHaveLength(2);
  const names = receiver.received
    .filter(({ body }) => body.type === 'organization.updated')
    .map(({ body }) => body.data.after.name);
  expect(names).toEqual(['One', 'One', 'Two', 'Three']);
});
