import { ScheduledGrantJob } from '../../src/billing/ledger/adjustments/scheduled-grant.job.js';
import { ScheduledGrantService } from '../../src/billing/ledger/adjustments/scheduled-grant.service.js';
import { creditsOf, expectProven, keyed } from '../support/credits.js';
import { Lifeline } from '../support/lifeline.js';
import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization } from '../support/tree.js';

let app: TestApp;
let line: Lifeline;
let doomed: TestServer;
let others: TestServer[];
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  line = await Lifeline.open(app.databaseUrl);
  doomed = await app.replica({}, line.url);
  others = [app, await app.replica()];
  staff = await signInAdmin(app);
  // The test decides which server grants.
  for (const server of [doomed, ...others]) await server.app.get(ScheduledGrantJob).onModuleDestroy();
});
afterAll(async () => {
  await app.close();
  line.close();
});

it('a scheduled grant is made once, wherever the server that makes it is killed', async () => {
  const one = await newOrganization(staff, 'Killed');
  const organizationId = one.id;
  const due = async (): Promise<string> => {
    const input = { amount: '1', category: 'promo', reason: 'Later', effectiveAt: '2099-01-01T00:00:00Z' };
    const { body } = await staff.client.post(`${creditsOf(one)}/grants`, input, keyed());
    await app.sql.query('update credit_adjustments set effective_at = now() where id = $1', [body.id]);
    return body.id;
  };
  const grantOn = ({ app: server }: TestServer, id: string) =>
    server.get(ScheduledGrantService).execute({ organizationId, id });
  const marker = 'from credit_accounts where organization_id = $1 for no key update';
  let made = 0;
  let isAlive = false;
  for (let step = 0; !isAlive; step++)
    for (const delivered of [false, true]) {
      const id = await due();
      line.killAt({ marker, step, delivered });
      await grantOn(doomed, id).catch(() => undefined);
      isAlive = !line.dead;
      line.revive();
      await Promise.all(others.map((server) => grantOn(server, id)));
      made++;
      const { available } = (await staff.client.get(creditsOf(one))).body;
      expect({ step, delivered, available }).toEqual({ step, delivered, available: String(made) });
    }
  // The last run was not killed, and committed.
  expect(line.steps.length).toBeGreaterThan(5);
  expect(line.steps.at(-1)).toMatch(/commit/i);
  const count = async (sql: string) => Number((await app.sql.query(sql, [organizationId])).rows[0].count);
  expect([
    await count('select count(*) from credit_lots where organization_id = $1'),
    await count(`select count(*) from credit_entries where organization_id = $1 and type = 'grant'`),
    await count(
      `select count(*) from credit_adjustments where organization_id = $1 and state = 'done' and entry_id is not null`,
    ),
    await count(`select count(*) from organization_events where organization_id = $1 and type = 'credits.granted'`),
  ]).toEqual([made, made, made, made]);
  await expectProven(staff, one);
});
