import { readFileSync } from 'node:fs';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

/*
 * An unattended device must not give a stranger lasting power. Every operation that changes something either asks for a
 * fresh proof, or stands here with the reason why it does not.
 */

const TAKES_AWAY = 'only takes access away';
const CHANGES_NO_ACCESS = 'changes nothing about who may do what';
const SENDS_AGAIN = 'sends to an address that was proved when it was set, what it got or no more than a test';
const LIMITED = 'spends or creates credits, which limits, two people and events bound';
const MEMBERS = 'is daily work in one organization, within the own role, and the person or a list shows it';
const RESTORES = 'brings back what staff or admins had before, and nothing new';
const PROVES = 'is or needs a proof itself';
const DNS = 'needs control over the DNS of the domain';

/** By permission, of operations that never ask. */
const REASONS: Record<string, string> = {
  'api-keys:revoke': TAKES_AWAY,
  'auto-top-up:edit': LIMITED,
  'branding:edit': CHANGES_NO_ACCESS,
  'artifacts:write': CHANGES_NO_ACCESS,
  'charges:create': LIMITED,
  'charges:refund': LIMITED,
  'clusters:edit': CHANGES_NO_ACCESS,
  'content:adopt': CHANGES_NO_ACCESS,
  'content:read': 'renders a document and stores nothing',
  'credit-alerts:edit': CHANGES_NO_ACCESS,
  'credits:adjust': LIMITED,
  'credits:grant': LIMITED,
  'credits:setOverdraft': LIMITED,
  'domains:edit': DNS,
  'invitations:create': MEMBERS,
  'invitations:resend': MEMBERS,
  'invitations:revoke': TAKES_AWAY,
  'limits:edit': LIMITED,
  'members:add': MEMBERS,
  'members:edit': MEMBERS,
  'members:remove': TAKES_AWAY,
  'operator-branding:edit': CHANGES_NO_ACCESS,
  'operator-content:edit': CHANGES_NO_ACCESS,
  'operator-variables:edit': CHANGES_NO_ACCESS,
  'organization:edit': CHANGES_NO_ACCESS,
  'organizations:create': MEMBERS,
  'organizations:restore': RESTORES,
  'organizations:suspend': RESTORES,
  'plans:edit': LIMITED,
  'runs:create': LIMITED,
  'scim:edit': 'is done by keys, which ask when they are made',
  'subscription:edit': LIMITED,
  'subscriptions:setLimits': LIMITED,
  'subscriptions:setPayment': LIMITED,
  'top-up-packages:edit': LIMITED,
  'top-up-settings:edit': CHANGES_NO_ACCESS,
  'top-ups:confirm': LIMITED,
  'top-ups:create': LIMITED,
  'unit-branding:edit': CHANGES_NO_ACCESS,
  'unit-members:add': MEMBERS,
  'unit-members:edit': MEMBERS,
  'unit-members:remove': TAKES_AWAY,
  'unit-variables:edit': CHANGES_NO_ACCESS,
  'unit:delete': TAKES_AWAY,
  'unit:edit': CHANGES_NO_ACCESS,
  'unit:restore': RESTORES,
  'unit:suspend': RESTORES,
  'units:create': MEMBERS,
  'users:signOut': TAKES_AWAY,
  'variables:edit': CHANGES_NO_ACCESS,
};

/** Operations that do not ask although others of their permission do, and those of the own account. */
const OPERATIONS: Record<string, string> = {
  replayOperatorWebhook: SENDS_AGAIN,
  replayOperatorWebhookDelivery: SENDS_AGAIN,
  replayWebhook: SENDS_AGAIN,
  replayWebhookDelivery: SENDS_AGAIN,
  testOperatorWebhook: SENDS_AGAIN,
  testWebhook: SENDS_AGAIN,
  blockUser: TAKES_AWAY,
  cancelEmailChange: TAKES_AWAY,
  changeOwnNotices: CHANGES_NO_ACCESS,
  confirmIdentity: 'finishes what asked when it began, in the same session',
  createLoginCode: 'asks for a sign-in or proof of the last ten minutes itself',
  deleteClient: TAKES_AWAY,
  denyDeviceLogin: TAKES_AWAY,
  endSession: TAKES_AWAY,
  endSessions: TAKES_AWAY,
  getStepUpOptions: PROVES,
  leaveOrganization: TAKES_AWAY,
  renamePasskey: CHANGES_NO_ACCESS,
  revokeOperatorApiKey: TAKES_AWAY,
  stepUp: PROVES,
  tryAccessRule: CHANGES_NO_ACCESS,
  tryOperatorAccessRule: CHANGES_NO_ACCESS,
  updateAccount: CHANGES_NO_ACCESS,
  updateClient: CHANGES_NO_ACCESS,
};

interface Operation {
  id: string;
  method: string;
  path: string;
  rule: { level: string; permission?: string; freshProof?: boolean };
}

const { paths } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
const changing: Operation[] = Object.entries<Record<string, any>>(paths)
  .flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => ['post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, one]) => ({
        id: String(one.operationId),
        method: method.toUpperCase(),
        path,
        rule: one['x-requires'] ?? { level: 'public' },
      })),
  )
  .filter(({ rule }) => rule.level !== 'public');
const asking = changing.filter(({ rule }) => rule.freshProof);

describe('every operation that changes something', () => {
  it('asks for a fresh proof, or has its reason here', () => {
    const unexplained = changing
      .filter(({ rule }) => !rule.freshProof)
      .filter(({ id, rule }) => !(id in OPERATIONS) && !(rule.permission && rule.permission in REASONS));
    expect(unexplained.map(({ id, rule }) => `${id} (${rule.permission ?? rule.level})`)).toEqual([]);
  });

  it('has no reason that it does not need', () => {
    const silent = changing.filter(({ rule }) => !rule.freshProof);
    const needless = [
      ...Object.keys(REASONS).filter(
        (permission) =>
          !silent.some(({ rule }) => rule.permission === permission) ||
          asking.some(({ rule }) => rule.permission === permission),
      ),
      ...Object.keys(OPERATIONS).filter((id) => !silent.some((one) => one.id === id)),
    ];
    expect(needless).toEqual([]);
  });
});

describe('a session whose proof is old', () => {
  let app: TestApp;
  let staff: Person;
  let organization: Organization;

  beforeAll(async () => {
    app = await startTestApp();
    staff = await signInAdmin(app);
    organization = await newOrganization(staff, 'Acme');
  });
  afterAll(() => app.close());

  it('is asked before anything else by each of them, and nothing changes', async () => {
    const person = await newPerson(app, 'victim');
    await app.sql.query(`update sessions set proved_at = now() - interval '11 minutes'`);
    const before = (await app.sql.query('select count(*) from operator_events')).rows[0].count;
    const named: Record<string, string> = {
      operator: 'demo',
      orgId: organization.id,
      unitId: organization.defaultUnitId,
      userId: person.id,
    };
    const operators = await staff.client.get('/admin/operator');
    named.operatorId = operators.body.id;
    const answers: unknown[] = [];
    for (const { id, method, path } of asking) {
      const target = path.replace(/\{(\w+)\}/g, (_, name) => named[name] ?? '01920000-0000-7000-8000-000000000000');
      const { status, body } = await staff.client.request(method, app.origin + target, {
        ...(method !== 'DELETE' && { body: {} }),
      });
      answers.push([id, status, body?.code]);
    }
    expect(answers).toEqual(asking.map(({ id }) => [id, 403, 'auth.step_up_required']));
    expect((await app.sql.query('select count(*) from operator_events')).rows[0].count).toBe(before);
    await app.sql.query('update sessions set proved_at = now()');
    const role = { name: 'Auditor', permissions: ['members:list'] };
    expect((await staff.client.post(`${organization.path}/roles`, role)).status).toBe(201);
  });
});
