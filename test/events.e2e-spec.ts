import { createHash } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import canonicalize from 'canonicalize';
import { generate } from 'otplib';
import { EVENT_TYPES } from '../src/events/index.js';
import { EventStore } from '../src/events/event.store.js';
import { SecretBox } from '../src/common/crypto/index.js';
import { Authenticator } from './support/authenticator.js';
import type { Answer } from './support/client.js';
import { fingerprint } from './support/fingerprint.js';
import { type DnsServer, startDnsServer } from './support/dns-server.js';
import { creditsOf, grant } from './support/credits.js';
import { FULL, itFull } from './support/full.js';
import { newTopUp, said, SANDBOX_SECRET, sendEvent, topUpsOf } from './support/payments.js';
import {
  mailsTo,
  newPerson,
  PASSWORD,
  type Person,
  registeredPerson,
  signIn,
  signInAdmin,
  tokenMailedTo,
} from './support/people.js';
import { ADMIN, BASE_URL, startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization, proveDomain } from './support/tree.js';

let app: TestApp;
let dns: DnsServer;
let staff: Person;

beforeAll(async () => {
  dns = await startDnsServer();
  app = await startTestApp({ DNS_SERVERS: dns.address, SANDBOX_WEBHOOK_SECRET: SANDBOX_SECRET });
  staff = await signInAdmin(app);
});
afterAll(async () => {
  await app.close();
  await dns.close();
});

const TABLES = ['organization_events', 'operator_events'] as const;
type EventTable = (typeof TABLES)[number];

interface StoredEvent {
  stream: string;
  id: string;
  type: string;
  actor_type: string;
  actor_id: string | null;
  subject_type: string;
  subject_id: string;
  before: any;
  after: any;
  request_id: string;
  ip: string | null;
}

/** Returns all events of all streams in the order they were written (ids are in order of time). */
async function allEvents(): Promise<StoredEvent[]> {
  const columns = 'id, type, actor_type, actor_id, subject_type, subject_id, before, after, request_id, ip';
  const { rows } = await app.sql.query<StoredEvent>(
    `select organization_id as stream, ${columns} from organization_events
     union all select operator_id, ${columns} from operator_events order by id`,
  );
  return rows;
}

async function eventsDuring(work: () => Promise<unknown>): Promise<StoredEvent[]> {
  const known = new Set((await allEvents()).map(({ id }) => id));
  await work();
  return (await allEvents()).filter(({ id }) => !known.has(id));
}

/** Makes writing events fail while `work` runs. */
async function withoutEvents<T>(work: () => Promise<T>): Promise<T> {
  await app.sql.query(
    `create or replace function no_event() returns trigger language plpgsql as $$ begin raise exception 'no event'; end $$`,
  );
  for (const table of TABLES) {
    await app.sql.query(`create trigger no_event before insert on ${table} for each row execute function no_event()`);
  }
  try {
    return await work();
  } finally {
    for (const table of TABLES) await app.sql.query(`drop trigger no_event on ${table}`);
  }
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const withKey = (key: string, headers: Record<string, string> = {}) => ({
  headers: { ...headers, 'idempotency-key': key },
});

/** One change through a route. `expected` lists the events it writes, in order, and their contents. */
interface Change {
  name: string;
  /** Prepares what the change requires. Not part of the change. */
  prepare?: () => Promise<unknown>;
  run: (headers: Record<string, string>) => Promise<Answer>;
  status: number;
  expected: () => Partial<StoredEvent>[];
}

describe('a change', () => {
  let admin: Person;
  let member: Person;
  let leaver: Person;
  let organization: Organization;
  const requestId = 'change-under-test';
  const made: Record<string, string> = { idpSecret: 'known to the provider and us' };

  beforeAll(async () => {
    admin = await newPerson(app, 'changing-admin');
    organization = await newOrganization(staff, 'Changing', admin);
    await proveDomain(app, organization, 'people.example');
    member = await registeredPerson(app, 'changing-member');
    leaver = await newMember(app, staff, organization, 'user', 'changing-leaver');
    const { body } = await staff.client.get('/admin/operator');
    made.operator = body.id;
  });

  const invitation = (what: string, after: object) => ({
    type: `invitation.${what}`,
    stream: organization.id,
    subject_type: 'invitation',
    subject_id: made.invitation,
    after: expect.objectContaining(after),
  });
  /** A mail sent at the same moment would look like a change. */
  const mailsSent = async (): Promise<void> => {
    while ((await app.sql.query('select 1 from mails')).rows.length > 0) await sleep(10);
  };
  const invite = async (email: string): Promise<void> => {
    made.invitation = (await admin.client.post(`${organization.path}/invitations`, { email, role: 'user' })).body.id;
    const text = (await mailsTo(app, email)).at(-1)?.text ?? '';
    made.inviteToken = /invitations\/(\S+)/.exec(text)?.[1] ?? '';
    await mailsSent();
  };

  const unit = () => `${organization.path}/units/${made.unit}`;
  const upload = () => {
    const form = new FormData();
    form.set('file', new Blob([PNG], { type: 'image/png' }), 'logo.png');
    return form;
  };
  const keep = async (name: string, answer: Promise<Answer>): Promise<Answer> => {
    const { body } = await answer;
    if (body?.id) made[name] = body.id;
    return answer;
  };

  const changes: Change[] = [
    {
      name: 'operator.created, user.created, operator_member.added',
      run: (headers) =>
        keep(
          'otherOperator',
          staff.client
            .at(app.origin)
            .post('/api/v1/operators', { slug: 'other', name: 'Other', adminEmail: 'boss@other.example' }, { headers }),
        ),
      status: 201,
      expected: () => [
        {
          type: 'operator.created',
          stream: made.otherOperator,
          subject_type: 'operator',
          subject_id: made.otherOperator,
          before: null,
          after: { slug: 'other', name: 'Other', timeZone: 'UTC' },
        },
        {
          type: 'user.created',
          stream: made.otherOperator,
          subject_type: 'user',
          after: { name: 'boss@other.example', status: 'invited' },
        },
        {
          type: 'operator_member.added',
          stream: made.otherOperator,
          subject_type: 'operator_member',
          after: { role: 'admin' },
        },
      ],
    },
    {
      name: 'operator.updated',
      run: (headers) =>
        staff.client.put('/admin/operator', { name: 'Renamed', selfServiceOrganizationLimit: 5 }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'operator.updated',
          stream: made.operator,
          subject_type: 'operator',
          subject_id: made.operator,
          before: { name: 'Demo', selfServiceOrganizationLimit: 1 },
          after: { name: 'Renamed', selfServiceOrganizationLimit: 5 },
        },
      ],
    },
    {
      name: 'operator_member.added',
      run: (headers) =>
        staff.client.post('/admin/operator/members', { userId: member.id, role: 'manager' }, { headers }),
      status: 201,
      expected: () => [
        {
          type: 'operator_member.added',
          stream: made.operator,
          subject_type: 'operator_member',
          subject_id: member.id,
          before: null,
          after: { role: 'manager' },
        },
      ],
    },
    {
      name: 'operator_member.role_changed',
      run: (headers) => staff.client.patch(`/admin/operator/members/${member.id}`, { role: 'user' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'operator_member.role_changed',
          subject_id: member.id,
          before: { role: 'manager' },
          after: { role: 'user' },
        },
      ],
    },
    {
      name: 'operator_member.removed',
      run: (headers) => staff.client.delete(`/admin/operator/members/${member.id}`, { headers }),
      status: 204,
      expected: () => [
        { type: 'operator_member.removed', subject_id: member.id, before: { role: 'user' }, after: null },
      ],
    },
    {
      name: 'user.created',
      prepare: async () => {
        const email = 'changing-new@people.example';
        await app.client().post('/auth/register', { email, password: PASSWORD, name: 'New' });
        made.token = await tokenMailedTo(app, email);
      },
      run: (headers) => app.client().post('/auth/verify-email', { token: made.token, password: PASSWORD }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'user.created',
          stream: made.operator,
          actor_id: null,
          subject_type: 'user',
          before: null,
          after: { name: 'New', status: 'active' },
        },
      ],
    },
    {
      name: 'user.updated',
      run: (headers) => member.client.patch('/account', { name: 'Another name' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'user.updated',
          stream: made.operator,
          actor_id: member.id,
          subject_type: 'user',
          subject_id: member.id,
          before: { name: 'changing-member' },
          after: { name: 'Another name' },
        },
      ],
    },
    {
      name: 'user.email_changed',
      prepare: async () => {
        made.newEmail = 'moved@events.example';
        made.mover = 'changing-mover@people.example';
        const mover = await registeredPerson(app, 'changing-mover');
        await mover.client.post('/account/email-change', { newEmail: made.newEmail, password: PASSWORD });
        await app.client().post('/auth/confirm-email', { token: await tokenMailedTo(app, made.mover, 2) });
        made.token = await tokenMailedTo(app, made.newEmail);
        await mailsSent();
      },
      run: (headers) => app.client().post('/auth/confirm-email', { token: made.token }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'user.email_changed',
          stream: made.operator,
          subject_type: 'user',
          before: { email: made.mover },
          after: { email: made.newEmail },
        },
      ],
    },
    {
      name: 'session.started',
      prepare: mailsSent,
      run: async (headers) => {
        const answer = await app.client().post('/auth/login', { email: member.email, password: PASSWORD }, { headers });
        if (answer.status === 200) made.refreshToken = answer.body.refreshToken;
        return answer;
      },
      status: 200,
      expected: () => [
        {
          type: 'session.started',
          stream: made.operator,
          actor_id: member.id,
          subject_type: 'session',
          before: null,
          after: null,
        },
      ],
    },
    {
      name: 'session.reuse_detected',
      prepare: async () => {
        await app.client().post('/auth/token', { refreshToken: made.refreshToken });
        await app.sql.query(`update refresh_tokens set used_at = used_at - interval '31 seconds'`);
      },
      run: (headers) => app.client().post('/auth/token', { refreshToken: made.refreshToken }, { headers }),
      status: 401,
      expected: () => [
        { type: 'session.reuse_detected', stream: made.operator, actor_id: member.id, subject_type: 'session' },
      ],
    },
    {
      name: 'session.ended by signing out',
      prepare: async () => {
        made.signedOut = (await signIn(app, member.email)).refreshToken;
      },
      run: (headers) => app.client().post('/auth/logout', { refreshToken: made.signedOut }, { headers }),
      status: 204,
      expected: () => [{ type: 'session.ended', stream: made.operator, actor_id: member.id, subject_type: 'session' }],
    },
    {
      name: 'session.ended by ending one',
      prepare: async () => {
        await signIn(app, member.email);
        const { body } = await member.client.get('/account/sessions');
        made.session = body.items.find(({ current }: { current: boolean }) => !current).id;
      },
      run: (headers) => member.client.delete(`/account/sessions/${made.session}`, { headers }),
      status: 204,
      expected: () => [
        { type: 'session.ended', actor_id: member.id, subject_type: 'session', subject_id: made.session },
      ],
    },
    {
      name: 'organization.created with all it begins with',
      run: (headers) => keep('own', member.client.post('/admin/organizations', { name: 'Own' }, { headers })),
      status: 201,
      expected: () => [
        {
          type: 'organization.created',
          stream: made.own,
          actor_id: member.id,
          subject_type: 'organization',
          subject_id: made.own,
          before: null,
          after: { name: 'Own', slug: 'own', externalId: null },
        },
        {
          type: 'unit.created',
          stream: made.own,
          subject_type: 'unit',
          after: { name: 'Default', slug: 'default', externalId: null },
        },
        {
          type: 'member.added',
          stream: made.own,
          subject_type: 'member',
          subject_id: member.id,
          after: { role: 'admin' },
        },
        {
          type: 'unit_member.added',
          stream: made.own,
          subject_type: 'unit',
          after: { userId: member.id, role: 'admin' },
        },
      ],
    },
    {
      name: 'organization.updated',
      run: (headers) =>
        staff.client.patch(organization.path, { description: 'Changed', externalId: 'C-1' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'organization.updated',
          stream: organization.id,
          actor_id: staff.id,
          before: { description: null, externalId: null },
          after: { description: 'Changed', externalId: 'C-1' },
        },
      ],
    },
    {
      name: 'organization.suspended',
      run: (headers) => staff.client.post(`${organization.path}/suspend`, undefined, { headers }),
      status: 200,
      expected: () => [{ type: 'organization.suspended', stream: organization.id, subject_id: organization.id }],
    },
    {
      name: 'organization.resumed',
      run: (headers) => staff.client.post(`${organization.path}/resume`, undefined, { headers }),
      status: 200,
      expected: () => [{ type: 'organization.resumed', stream: organization.id, subject_id: organization.id }],
    },
    {
      name: 'organization.deletion_scheduled',
      run: (headers) => admin.client.delete(`${organization.path}?confirmName=Changing`, { headers }),
      status: 202,
      expected: () => [
        {
          type: 'organization.deletion_scheduled',
          stream: organization.id,
          actor_id: admin.id,
          after: { name: 'Changing', purgeAt: expect.any(String) },
        },
      ],
    },
    {
      name: 'organization.restored',
      run: (headers) => staff.client.post(`${organization.path}/restore`, undefined, { headers }),
      status: 200,
      expected: () => [{ type: 'organization.restored', stream: organization.id, after: { status: 'active' } }],
    },
    {
      name: 'member.added',
      run: (headers) =>
        admin.client.post(`${organization.path}/members`, { email: member.email, role: 'user' }, { headers }),
      status: 201,
      expected: () => [
        {
          type: 'member.added',
          stream: organization.id,
          actor_id: admin.id,
          subject_type: 'member',
          subject_id: member.id,
          before: null,
          after: { role: 'user' },
        },
      ],
    },
    {
      name: 'member.role_changed',
      run: (headers) =>
        admin.client.patch(`${organization.path}/members/${member.id}`, { role: 'manager' }, { headers }),
      status: 200,
      expected: () => [
        { type: 'member.role_changed', subject_id: member.id, before: { role: 'user' }, after: { role: 'manager' } },
      ],
    },
    {
      name: 'unit.created',
      run: (headers) => keep('unit', admin.client.post(`${organization.path}/units`, { name: 'Bench' }, { headers })),
      status: 201,
      expected: () => [
        {
          type: 'unit.created',
          stream: organization.id,
          subject_type: 'unit',
          subject_id: made.unit,
          after: { name: 'Bench', slug: 'bench', externalId: null },
        },
        {
          type: 'unit_member.added',
          subject_type: 'unit',
          subject_id: made.unit,
          after: { userId: admin.id, role: 'admin' },
        },
      ],
    },
    {
      name: 'unit.updated',
      run: (headers) => admin.client.put(unit(), { name: 'Workbench' }, { headers }),
      status: 200,
      expected: () => [
        { type: 'unit.updated', subject_id: made.unit, before: { name: 'Bench' }, after: { name: 'Workbench' } },
      ],
    },
    {
      name: 'unit.suspended',
      run: (headers) => admin.client.post(`${unit()}/suspend`, undefined, { headers }),
      status: 200,
      expected: () => [
        { type: 'unit.suspended', stream: organization.id, subject_type: 'unit', subject_id: made.unit },
      ],
    },
    {
      name: 'unit.resumed',
      run: (headers) => admin.client.post(`${unit()}/resume`, undefined, { headers }),
      status: 200,
      expected: () => [{ type: 'unit.resumed', subject_id: made.unit }],
    },
    {
      name: 'unit.deletion_scheduled',
      run: (headers) => admin.client.delete(`${unit()}?confirmName=Workbench`, { headers }),
      status: 202,
      expected: () => [
        {
          type: 'unit.deletion_scheduled',
          subject_id: made.unit,
          after: { name: 'Workbench', purgeAt: expect.any(String) },
        },
      ],
    },
    {
      name: 'unit.restored',
      run: (headers) => admin.client.post(`${unit()}/restore`, undefined, { headers }),
      status: 200,
      expected: () => [{ type: 'unit.restored', subject_id: made.unit, after: { status: 'active' } }],
    },
    {
      name: 'unit_member.added',
      run: (headers) => admin.client.post(`${unit()}/members`, { userId: member.id, role: 'user' }, { headers }),
      status: 201,
      expected: () => [
        {
          type: 'unit_member.added',
          subject_type: 'unit',
          subject_id: made.unit,
          before: null,
          after: { userId: member.id, role: 'user' },
        },
      ],
    },
    {
      name: 'unit_member.role_changed',
      run: (headers) => admin.client.patch(`${unit()}/members/${member.id}`, { role: 'admin' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'unit_member.role_changed',
          before: { userId: member.id, role: 'user' },
          after: { userId: member.id, role: 'admin' },
        },
      ],
    },
    {
      name: 'unit_member.removed',
      run: (headers) => admin.client.delete(`${unit()}/members/${member.id}`, { headers }),
      status: 204,
      expected: () => [{ type: 'unit_member.removed', before: { userId: member.id, role: 'admin' }, after: null }],
    },
    ...(['operator', 'organization', 'unit'] as const).flatMap((level): Change[] => {
      const path = () => ({ operator: '/admin/operator', organization: organization.path, unit: unit() })[level];
      const subject = () => ({
        subject_type: level,
        subject_id: { operator: made.operator, organization: organization.id, unit: made.unit }[level],
      });
      return [
        {
          name: `branding.updated, set at the ${level}`,
          run: (headers) => staff.client.patch(`${path()}/branding`, { primaryColor: '#123456' }, { headers }),
          status: 200,
          expected: () => [
            { type: 'branding.updated', ...subject(), after: expect.objectContaining({ primaryColor: '#123456' }) },
          ],
        },
        {
          name: `branding.updated, reset at the ${level}`,
          run: (headers) => staff.client.delete(`${path()}/branding?fields=primaryColor`, { headers }),
          status: 200,
          expected: () => [
            { type: 'branding.updated', ...subject(), before: expect.objectContaining({ primaryColor: '#123456' }) },
          ],
        },
        {
          name: `branding.updated, a logo at the ${level}`,
          run: (headers) => staff.client.post(`${path()}/branding/logo`, upload(), { headers }),
          status: 201,
          expected: () => [{ type: 'branding.updated', ...subject(), after: { logoUrl: expect.any(String) } }],
        },
        ...(level === 'unit'
          ? []
          : [
              {
                name: `auth_settings.updated, set at the ${level}`,
                run: (headers: Record<string, string>) =>
                  staff.client.patch(`${path()}/auth-settings`, { sessionMaxMinutes: 1440 }, { headers }),
                status: 200,
                expected: () => [
                  {
                    type: 'auth_settings.updated',
                    ...subject(),
                    before: { sessionMaxMinutes: null },
                    after: { sessionMaxMinutes: 1440 },
                  },
                ],
              },
              {
                name: `auth_settings.updated, reset at the ${level}`,
                run: (headers: Record<string, string>) =>
                  staff.client.delete(`${path()}/auth-settings?fields=sessionMaxMinutes`, { headers }),
                status: 200,
                expected: () => [{ type: 'auth_settings.updated', ...subject(), after: { sessionMaxMinutes: null } }],
              },
            ]),
        {
          name: `variable.set at the ${level}`,
          run: (headers) => staff.client.put(`${path()}/variables/API_KEY`, { value: 'x', secret: true }, { headers }),
          status: 200,
          expected: () => [
            { type: 'variable.set', ...subject(), before: null, after: { key: 'API_KEY', value: null, secret: true } },
          ],
        },
        {
          name: `variable.removed at the ${level}`,
          run: (headers) => staff.client.delete(`${path()}/variables/API_KEY`, { headers }),
          status: 204,
          expected: () => [
            {
              type: 'variable.removed',
              ...subject(),
              before: { key: 'API_KEY', value: null, secret: true },
              after: null,
            },
          ],
        },
      ];
    }),
    ...(['organization', 'operator'] as const).flatMap((level): Change[] => {
      const path = () => (level === 'operator' ? '/admin/operator/access-rules' : `${organization.path}/access-rules`);
      const subject = () => ({ subject_type: 'access_rule', subject_id: made.rule });
      const then = { role: 'user', roleIds: [], unitIds: [] };
      const rule = { name: 'Nobody', when: 'false', then, enabled: true };
      return [
        {
          name: `access_rule.created at the ${level}`,
          run: async (headers) => {
            const answer = await staff.client.post(path(), { name: 'Nobody', when: 'false', then: {} }, { headers });
            if (answer.status === 201) made.rule = answer.body.id;
            return answer;
          },
          status: 201,
          expected: () => [{ type: 'access_rule.created', ...subject(), before: null, after: rule }],
        },
        {
          name: `access_rule.updated at the ${level}`,
          run: (headers) => staff.client.patch(`${path()}/${made.rule}`, { enabled: false }, { headers }),
          status: 200,
          expected: () => [
            { type: 'access_rule.updated', ...subject(), before: rule, after: { ...rule, enabled: false } },
          ],
        },
        {
          name: `access_rule.deleted at the ${level}`,
          run: (headers) => staff.client.delete(`${path()}/${made.rule}`, { headers }),
          status: 204,
          expected: () => [
            { type: 'access_rule.deleted', ...subject(), before: { ...rule, enabled: false }, after: null },
          ],
        },
      ];
    }),
    ...(['role', 'role_template'] as const).flatMap((type): Change[] => {
      const path = () => (type === 'role' ? `${organization.path}/roles` : '/admin/role-templates');
      const subject = () => ({ subject_type: type, subject_id: made[type] });
      const permissions = ['events:read'];
      return [
        {
          name: `${type}.created`,
          run: async (headers) => {
            const answer = await staff.client.post(path(), { name: 'Auditor', permissions }, { headers });
            if (answer.status === 201) made[type] = answer.body.id;
            return answer;
          },
          status: 201,
          expected: () => [{ type: `${type}.created`, ...subject(), after: expect.objectContaining({ permissions }) }],
        },
        {
          name: `${type}.updated`,
          run: (headers) => staff.client.patch(`${path()}/${made[type]}`, { permissions: [] }, { headers }),
          status: 200,
          expected: () => [
            { type: `${type}.updated`, ...subject(), before: { permissions }, after: { permissions: [] } },
          ],
        },
        {
          name: `${type}.deleted`,
          run: (headers) => staff.client.delete(`${path()}/${made[type]}`, { headers }),
          status: 204,
          expected: () => [
            {
              type: `${type}.deleted`,
              ...subject(),
              before: expect.objectContaining({ name: 'Auditor' }),
              after: null,
            },
          ],
        },
      ];
    }),
    {
      name: 'client.created',
      run: async (headers) => {
        const answer = await staff.client.post('/admin/clients', { name: 'Scheduler', audience: 'jobs' }, { headers });
        if (answer.status === 201) Object.assign(made, { client: answer.body.id, clientSecret: answer.body.secret });
        return answer;
      },
      status: 201,
      expected: () => [
        { type: 'client.created', subject_id: made.client, after: { name: 'Scheduler', audience: 'jobs' } },
      ],
    },
    {
      name: 'client.updated',
      run: (headers) => staff.client.patch(`/admin/clients/${made.client}`, { name: 'Jobs' }, { headers }),
      status: 200,
      expected: () => [
        { type: 'client.updated', subject_id: made.client, before: { name: 'Scheduler' }, after: { name: 'Jobs' } },
      ],
    },
    {
      name: 'client.secret_rotated',
      run: (headers) => staff.client.post(`/admin/clients/${made.client}/rotate-secret`, {}, { headers }),
      status: 200,
      expected: () => [
        { type: 'client.secret_rotated', subject_id: made.client, before: null, after: { graceSeconds: 3600 } },
      ],
    },
    {
      name: 'client.deleted',
      run: (headers) => staff.client.delete(`/admin/clients/${made.client}`, { headers }),
      status: 204,
      expected: () => [
        { type: 'client.deleted', subject_id: made.client, before: { name: 'Jobs', audience: 'jobs' }, after: null },
      ],
    },
    {
      name: 'webhook.created',
      run: (headers) =>
        keep(
          'webhook',
          admin.client.post(
            `${organization.path}/webhooks`,
            { url: 'https://example.com/hook?token=secret', eventTypes: ['unit.*'], headers: { 'X-Key': 'secret' } },
            { headers },
          ),
        ),
      status: 201,
      expected: () => [
        {
          type: 'webhook.created',
          stream: organization.id,
          subject_type: 'webhook',
          subject_id: made.webhook,
          after: {
            url: 'https://example.com/hook?…',
            description: null,
            eventTypes: ['unit.*'],
            headers: ['X-Key'],
            active: true,
          },
        },
      ],
    },
    {
      name: 'webhook.updated',
      run: (headers) =>
        admin.client.patch(`${organization.path}/webhooks/${made.webhook}`, { active: false }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'webhook.updated',
          subject_id: made.webhook,
          before: expect.objectContaining({ active: true }),
          after: expect.objectContaining({ active: false }),
        },
      ],
    },
    {
      name: 'webhook.secret_rotated',
      run: (headers) =>
        admin.client.post(`${organization.path}/webhooks/${made.webhook}/rotate-secret`, undefined, { headers }),
      status: 200,
      expected: () => [{ type: 'webhook.secret_rotated', subject_id: made.webhook }],
    },
    {
      name: 'webhook.deleted',
      run: (headers) => admin.client.delete(`${organization.path}/webhooks/${made.webhook}`, { headers }),
      status: 204,
      expected: () => [
        { type: 'webhook.deleted', subject_id: made.webhook, before: expect.objectContaining({ active: false }) },
      ],
    },
    {
      name: 'api_key.created',
      run: async (headers) => {
        const input = { name: 'Deploy', role: 'manager' };
        const answer = await admin.client.post(`${organization.path}/api-keys`, input, { headers });
        if (answer.status === 201) Object.assign(made, { apiKey: answer.body.id, apiKeySecret: answer.body.key });
        return answer;
      },
      status: 201,
      expected: () => [
        {
          type: 'api_key.created',
          subject_type: 'api_key',
          subject_id: made.apiKey,
          after: expect.objectContaining({ name: 'Deploy', role: 'manager', unitIds: null }),
        },
      ],
    },
    {
      name: 'api_key.revoked',
      run: (headers) => admin.client.delete(`${organization.path}/api-keys/${made.apiKey}`, { headers }),
      status: 204,
      expected: () => [
        { type: 'api_key.revoked', subject_id: made.apiKey, before: expect.objectContaining({ name: 'Deploy' }) },
      ],
    },
    {
      name: 'domain.claimed',
      run: async (headers) => {
        const answer = await admin.client.post(`${organization.path}/domains`, { domain: 'acme.example' }, { headers });
        if (answer.status === 201) {
          made.domain = answer.body.id;
          dns.records.set(answer.body.record.name, [answer.body.record.value]);
        }
        return answer;
      },
      status: 201,
      expected: () => [{ type: 'domain.claimed', subject_id: made.domain, after: { domain: 'acme.example' } }],
    },
    {
      name: 'domain.verified',
      run: (headers) => admin.client.post(`${organization.path}/domains/${made.domain}/verify`, undefined, { headers }),
      status: 200,
      expected: () => [{ type: 'domain.verified', subject_id: made.domain, after: { domain: 'acme.example' } }],
    },
    ...(() => {
      const scim = () => `/organizations/${organization.id}/scim/v2`;
      const remember = async (key: 'scimUser' | 'scimGroup', answer: Promise<Answer>) => {
        const { status, body } = await answer;
        if (status === 201) made[key] = body.id;
        return answer;
      };
      const active = (value: boolean) => ({ Operations: [{ op: 'replace', path: 'active', value }] });
      const names = { userName: 'scim@acme.example', externalId: null };
      return [
        {
          name: 'scim_settings.updated',
          run: (headers: Record<string, string>) =>
            admin.client.put(
              `${organization.path}/scim-settings`,
              { groups: [{ value: 'Leads', role: 'manager' }] },
              { headers },
            ),
          status: 200,
          expected: () => [
            {
              type: 'scim_settings.updated',
              subject_id: organization.id,
              before: { groups: [] },
              after: { groups: [{ value: 'Leads', role: 'manager', roleIds: [], unitIds: [] }] },
            },
          ],
        },
        {
          name: 'scim_user.created',
          run: (headers: Record<string, string>) =>
            remember('scimUser', admin.client.post(`${scim()}/Users`, { userName: 'scim@acme.example' }, { headers })),
          status: 201,
          expected: () => [
            { type: 'user.created', subject_id: made.scimUser },
            { type: 'member.added', subject_id: made.scimUser, after: { role: 'user' } },
            { type: 'scim_user.created', subject_id: made.scimUser, after: { ...names, active: true } },
          ],
        },
        {
          name: 'scim_user.updated',
          run: (headers: Record<string, string>) =>
            admin.client.put(
              `${scim()}/Users/${made.scimUser}`,
              { userName: 'scim@acme.example', externalId: 'E1', title: 'Private' },
              { headers },
            ),
          status: 200,
          expected: () => [
            {
              type: 'scim_user.updated',
              before: names,
              after: { ...names, externalId: 'E1', changed: ['externalId', 'title'] },
            },
          ],
        },
        {
          name: 'scim_group.created, member.role_changed',
          run: (headers: Record<string, string>) =>
            remember(
              'scimGroup',
              admin.client.post(
                `${scim()}/Groups`,
                { displayName: 'Leads', members: [{ value: made.scimUser }] },
                { headers },
              ),
            ),
          status: 201,
          expected: () => [
            {
              type: 'scim_group.created',
              subject_id: made.scimGroup,
              after: { displayName: 'Leads', externalId: null, memberIds: [made.scimUser] },
            },
            {
              type: 'member.role_changed',
              subject_id: made.scimUser,
              before: { role: 'user' },
              after: { role: 'manager', by: 'scim_groups' },
            },
          ],
        },
        {
          name: 'scim_group.updated, member.role_changed',
          run: (headers: Record<string, string>) =>
            admin.client.put(`${scim()}/Groups/${made.scimGroup}`, { displayName: 'Leads', members: [] }, { headers }),
          status: 200,
          expected: () => [
            { type: 'scim_group.updated', after: expect.objectContaining({ added: [], removed: [made.scimUser] }) },
            { type: 'member.role_changed', before: { role: 'manager' }, after: { role: 'user', by: 'scim_groups' } },
          ],
        },
        {
          name: 'scim_group.deleted',
          run: (headers: Record<string, string>) =>
            admin.client.delete(`${scim()}/Groups/${made.scimGroup}`, { headers }),
          status: 204,
          expected: () => [
            { type: 'scim_group.deleted', before: { displayName: 'Leads', externalId: null, memberIds: [] } },
          ],
        },
        {
          name: 'member.deactivated',
          run: (headers: Record<string, string>) =>
            admin.client.patch(`${scim()}/Users/${made.scimUser}`, active(false), { headers }),
          status: 200,
          expected: () => [{ type: 'member.deactivated', subject_id: made.scimUser, before: { role: 'user' } }],
        },
        {
          name: 'member.reactivated',
          run: (headers: Record<string, string>) =>
            admin.client.patch(`${scim()}/Users/${made.scimUser}`, active(true), { headers }),
          status: 200,
          expected: () => [{ type: 'member.reactivated', subject_id: made.scimUser, after: { role: 'user' } }],
        },
        {
          name: 'scim_user.deleted',
          run: (headers: Record<string, string>) =>
            admin.client.delete(`${scim()}/Users/${made.scimUser}`, { headers }),
          status: 204,
          expected: () => [
            { type: 'member.removed', subject_id: made.scimUser, before: { role: 'user' } },
            { type: 'scim_user.deleted', subject_id: made.scimUser, before: { ...names, externalId: 'E1' } },
          ],
        },
      ];
    })(),
    {
      name: 'domain.removed',
      run: (headers) => admin.client.delete(`${organization.path}/domains/${made.domain}`, { headers }),
      status: 204,
      expected: () => [
        { type: 'domain.removed', subject_id: made.domain, before: { domain: 'acme.example', state: 'verified' } },
      ],
    },
    {
      name: 'sso_connection.created',
      run: async (headers) => {
        const input = {
          type: 'oidc',
          name: 'IdP',
          issuer: 'https://idp.example',
          clientId: 'x',
          clientSecret: made.idpSecret,
        };
        const answer = await admin.client.post(`${organization.path}/sso-connections`, input, { headers });
        if (answer.status === 201) made.connection = answer.body.id;
        return answer;
      },
      status: 201,
      expected: () => [
        {
          type: 'sso_connection.created',
          subject_id: made.connection,
          after: expect.objectContaining({ name: 'IdP', issuer: 'https://idp.example', enabled: true }),
        },
      ],
    },
    {
      name: 'sso_connection.updated',
      run: (headers) =>
        admin.client.patch(`${organization.path}/sso-connections/${made.connection}`, { enabled: false }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'sso_connection.updated',
          before: expect.objectContaining({ enabled: true }),
          after: expect.objectContaining({ enabled: false }),
        },
      ],
    },
    {
      name: 'sso_connection.deleted',
      run: (headers) => admin.client.delete(`${organization.path}/sso-connections/${made.connection}`, { headers }),
      status: 204,
      expected: () => [
        {
          type: 'sso_connection.deleted',
          subject_id: made.connection,
          before: expect.objectContaining({ name: 'IdP' }),
        },
      ],
    },
    {
      name: 'invitation.created',
      run: async (headers) => {
        const input = { email: 'invited@events.example', role: 'user' };
        const answer = await admin.client.post(`${organization.path}/invitations`, input, { headers });
        if (answer.status === 201) made.invitation = answer.body.id;
        return answer;
      },
      status: 201,
      expected: () => [invitation('created', { email: 'invited@events.example', role: 'user' })],
    },
    {
      name: 'invitation.resent',
      prepare: mailsSent,
      run: (headers) =>
        admin.client.post(`${organization.path}/invitations/${made.invitation}/resend`, undefined, { headers }),
      status: 200,
      expected: () => [invitation('resent', { expiresAt: expect.any(String) })],
    },
    {
      name: 'invitation.revoked',
      prepare: mailsSent,
      run: (headers) => admin.client.delete(`${organization.path}/invitations/${made.invitation}`, { headers }),
      status: 204,
      expected: () => [invitation('revoked', { reason: 'revoked' })],
    },
    {
      name: 'invitation.declined',
      prepare: () => invite('declining@events.example'),
      run: (headers) => app.client().post(`/auth/invitations/${made.inviteToken}/decline`, undefined, { headers }),
      status: 204,
      expected: () => [invitation('declined', { email: 'declining@events.example' })],
    },
    {
      name: 'invitation.accepted',
      prepare: () => invite('accepting@events.example'),
      run: (headers) =>
        app
          .client()
          .post(`/auth/invitations/${made.inviteToken}/accept`, { name: 'Ada', password: PASSWORD }, { headers }),
      status: 200,
      expected: () => [
        { type: 'user.created' },
        invitation('accepted', { email: 'accepting@events.example', role: 'user' }),
        { type: 'member.added', stream: organization.id, after: { role: 'user' } },
        { type: 'session.started' },
      ],
    },
    {
      name: 'member.removed',
      run: (headers) => admin.client.delete(`${organization.path}/members/${member.id}`, { headers }),
      status: 204,
      expected: () => [
        {
          type: 'member.removed',
          stream: organization.id,
          subject_id: member.id,
          before: { role: 'manager' },
          after: null,
        },
      ],
    },
    {
      name: 'plan.created',
      run: (headers) =>
        keep('plan', staff.client.post('/admin/plans', { name: 'Team', monthlyCredits: '30.50' }, { headers })),
      status: 201,
      expected: () => [
        {
          type: 'plan.created',
          stream: made.operator,
          subject_type: 'plan',
          subject_id: made.plan,
          after: expect.objectContaining({ name: 'Team', monthlyCredits: '30.5', seatLimit: null }),
        },
      ],
    },
    {
      name: 'plan.updated',
      run: (headers) => staff.client.patch(`/admin/plans/${made.plan}`, { seatLimit: 50 }, { headers }),
      status: 200,
      expected: () => [
        { type: 'plan.updated', stream: made.operator, before: { seatLimit: null }, after: { seatLimit: 50 } },
      ],
    },
    {
      name: 'subscription.started',
      run: (headers) => staff.client.put(`${organization.path}/subscription`, { planId: made.plan }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'subscription.started',
          stream: organization.id,
          subject_type: 'subscription',
          subject_id: organization.id,
          after: expect.objectContaining({ planId: made.plan, status: 'active', creditsGranted: '30.5' }),
        },
      ],
    },
    {
      name: 'subscription.changed',
      run: (headers) => staff.client.put(`${organization.path}/subscription/payment`, { paid: false }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'subscription.changed',
          stream: organization.id,
          before: expect.objectContaining({ status: 'active' }),
          after: expect.objectContaining({ status: 'past_due', creditsGranted: '0' }),
        },
      ],
    },
    {
      name: 'subscription.limits_changed',
      run: (headers) => staff.client.patch(`${organization.path}/subscription/limits`, { unitLimit: 500 }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'subscription.limits_changed',
          stream: organization.id,
          subject_id: organization.id,
          before: { unitLimit: null },
          after: { unitLimit: 500 },
        },
      ],
    },
    {
      name: 'subscription.cancelled',
      run: (headers) =>
        staff.client.post(`${organization.path}/subscription/cancel`, { effective: 'now' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'subscription.cancelled',
          stream: organization.id,
          before: expect.objectContaining({ status: 'past_due' }),
          after: expect.objectContaining({ status: 'cancelled', creditsGranted: '0' }),
        },
      ],
    },
    {
      name: 'cluster.created',
      run: (headers) =>
        keep(
          'cluster',
          staff.client.post(
            '/admin/clusters',
            { name: 'GPU', presets: [{ key: 'small', creditsPerHour: '2.50' }] },
            { headers },
          ),
        ),
      status: 201,
      expected: () => [
        {
          type: 'cluster.created',
          stream: made.operator,
          subject_type: 'cluster',
          subject_id: made.cluster,
          after: expect.objectContaining({
            name: 'GPU',
            presets: [{ key: 'small', name: null, creditsPerHour: '2.5', resources: {} }],
          }),
        },
      ],
    },
    {
      name: 'cluster.updated',
      run: (headers) => staff.client.patch(`/admin/clusters/${made.cluster}`, { location: 'here' }, { headers }),
      status: 200,
      expected: () => [
        { type: 'cluster.updated', stream: made.operator, before: { location: null }, after: { location: 'here' } },
      ],
    },
    {
      name: 'cluster.organization_added',
      run: (headers) =>
        staff.client.put(`/admin/clusters/${made.cluster}/organizations/${organization.id}`, undefined, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'cluster.organization_added',
          stream: organization.id,
          subject_id: made.cluster,
          after: { name: 'GPU' },
        },
      ],
    },
    {
      name: 'run.started',
      run: (headers) =>
        keep(
          'run',
          staff.client.post(
            `/organizations/${organization.id}/runs`,
            { clusterId: made.cluster, preset: 'small', unitId: organization.defaultUnitId },
            withKey('run', headers),
          ),
        ),
      status: 201,
      expected: () => [
        {
          type: 'run.started',
          stream: organization.id,
          subject_type: 'run',
          subject_id: made.run,
          after: expect.objectContaining({ clusterId: made.cluster, preset: 'small', creditsPerHour: '2.5' }),
        },
      ],
    },
    {
      name: 'run.stopped',
      run: (headers) =>
        staff.client.post(`/organizations/${organization.id}/runs/${made.run}/stop`, undefined, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'run.stopped',
          stream: organization.id,
          subject_id: made.run,
          after: expect.objectContaining({ reason: 'stopped', clusterId: made.cluster }),
        },
      ],
    },
    {
      name: 'artifact.registered',
      run: (headers) =>
        keep(
          'artifact',
          staff.client.post(
            `/organizations/${organization.id}/units/${organization.defaultUnitId}/artifacts`,
            { name: 'churn.onnx', kind: 'model', uri: 's3://models/churn.onnx', runId: made.run },
            { headers },
          ),
        ),
      status: 201,
      expected: () => [
        {
          type: 'artifact.registered',
          stream: organization.id,
          subject_type: 'artifact',
          subject_id: made.artifact,
          after: {
            unitId: organization.defaultUnitId,
            name: 'churn.onnx',
            kind: 'model',
            uri: 's3://models/churn.onnx',
            sizeBytes: null,
            sha256: null,
            runId: made.run,
          },
        },
      ],
    },
    {
      name: 'artifact.deleted',
      run: (headers) =>
        staff.client.delete(
          `/organizations/${organization.id}/units/${organization.defaultUnitId}/artifacts/${made.artifact}`,
          { headers },
        ),
      status: 204,
      expected: () => [
        {
          type: 'artifact.deleted',
          stream: organization.id,
          subject_id: made.artifact,
          before: expect.objectContaining({ name: 'churn.onnx', uri: 's3://models/churn.onnx' }),
        },
      ],
    },
    {
      name: 'cluster.organization_removed',
      run: (headers) =>
        staff.client.delete(`/admin/clusters/${made.cluster}/organizations/${organization.id}`, { headers }),
      status: 204,
      expected: () => [
        { type: 'cluster.organization_removed', stream: organization.id, before: { name: 'GPU' }, after: null },
      ],
    },
    {
      name: 'cluster.archived',
      run: (headers) => staff.client.delete(`/admin/clusters/${made.cluster}`, { headers }),
      status: 204,
      expected: () => [{ type: 'cluster.archived', stream: made.operator, subject_id: made.cluster, after: null }],
    },
    ...(['template', 'content'] as const).flatMap((kind) => {
      const base = kind === 'template' ? '/admin/templates' : '/admin/content';
      const path = () => `${base}/${made[kind]}`;
      const at = '2099-01-01T00:00:00.000Z';
      const own = (type: string, rest: object) => ({
        type: `${kind}.${type}`,
        stream: made.operator,
        subject_type: kind,
        subject_id: made[kind],
        ...rest,
      });
      return [
        {
          name: `${kind}.created`,
          run: (headers: Record<string, string>) =>
            keep(kind, staff.client.post(base, { title: 'Terms', body: 'Hello' }, { headers })),
          status: 201,
          expected: () => [
            own('created', {
              after: expect.objectContaining({
                key: 'terms',
                title: 'Terms',
                format: 'markdown',
                audience: { mode: 'all', organizationIds: [] },
              }),
            }),
          ],
        },
        {
          name: `${kind}.updated`,
          run: (headers: Record<string, string>) => staff.client.patch(path(), { title: 'Terms of use' }, { headers }),
          status: 200,
          expected: () => [own('updated', { before: { title: 'Terms' }, after: { title: 'Terms of use' } })],
        },
        {
          name: `${kind}.scheduled`,
          run: (headers: Record<string, string>) =>
            staff.client.post(`${path()}/publish`, { version: 1, at }, { headers }),
          status: 202,
          expected: () => [own('scheduled', { before: null, after: { version: 1, at } })],
        },
        {
          name: `${kind}.publication_cancelled`,
          run: (headers: Record<string, string>) => staff.client.delete(`${path()}/publication`, { headers }),
          status: 204,
          expected: () => [own('publication_cancelled', { before: { version: 1, at }, after: null })],
        },
        {
          name: `${kind}.published`,
          prepare: async () => {
            // A job writes the events of organizations, at any time. A deleted one gets none.
            const gone = await newOrganization(staff, `Gone ${kind}`);
            await staff.client.delete(`${gone.path}?confirmName=${encodeURIComponent(gone.name)}`);
            const audience = { mode: 'only', organizationIds: [gone.id] };
            await staff.client.patch(path(), { audience });
          },
          run: (headers: Record<string, string>) => staff.client.post(`${path()}/publish`, { version: 1 }, { headers }),
          status: 202,
          expected: () => [
            own('published', {
              before: null,
              after: { key: 'terms', title: 'Terms of use', version: 1, audienceMode: 'only' },
            }),
          ],
        },
        {
          name: `${kind}.version_created`,
          prepare: async () => {
            while ((await staff.client.get(`${path()}/publication`)).body.state !== 'published') await sleep(25);
          },
          run: (headers: Record<string, string>) =>
            staff.client.post(`${path()}/versions`, { title: 'Newer' }, { headers }),
          status: 201,
          expected: () => [own('version_created', { after: expect.objectContaining({ version: 2, title: 'Newer' }) })],
        },
        {
          name: `${kind}.withdrawn`,
          run: (headers: Record<string, string>) => staff.client.post(`${path()}/withdraw`, undefined, { headers }),
          status: 200,
          expected: () => [
            own('withdrawn', { before: { key: 'terms', title: 'Terms of use', version: 1 }, after: null }),
          ],
        },
        {
          name: `${kind}.adopted`,
          prepare: async () => {
            const audience = { mode: 'only', organizationIds: [organization.id] };
            const fields = [{ name: 'FEE', type: 'number', default: 5 }];
            const input = { title: 'Adopted', body: 'x', fields, audience };
            const { id } = (await staff.client.post(base, input)).body;
            made[`${kind}Adopted`] = `/organizations/${organization.id}/${base.slice('/admin/'.length)}/${id}/adoption`;
            await staff.client.post(`${base}/${id}/publish`, { version: 1 });
            while ((await staff.client.get(`${base}/${id}/publication`)).body.state !== 'published') await sleep(25);
          },
          run: (headers: Record<string, string>) =>
            staff.client.patch(made[`${kind}Adopted`] ?? '', { overrides: { FEE: 7 } }, { headers }),
          status: 200,
          expected: () => [
            {
              type: `${kind}.adopted`,
              stream: organization.id,
              subject_type: kind,
              before: { follow: 'latest', basedOn: null, overrides: {} },
              after: { follow: 'latest', basedOn: 1, overrides: { FEE: 7 } },
            },
          ],
        },
        {
          name: `${kind}.adoption_reset`,
          run: (headers: Record<string, string>) => staff.client.delete(made[`${kind}Adopted`] ?? '', { headers }),
          status: 204,
          expected: () => [
            {
              type: `${kind}.adoption_reset`,
              stream: organization.id,
              subject_type: kind,
              before: { follow: 'latest', basedOn: 1, overrides: { FEE: 7 } },
              after: null,
            },
          ],
        },
        {
          name: `${kind}.deleted`,
          prepare: async () => {
            made[`${kind}Draft`] = (await staff.client.post(base, { title: 'Draft', body: 'Hello' })).body.id;
          },
          run: (headers: Record<string, string>) => staff.client.delete(`${base}/${made[`${kind}Draft`]}`, { headers }),
          status: 204,
          expected: () => [
            {
              type: `${kind}.deleted`,
              stream: made.operator,
              subject_id: made[`${kind}Draft`],
              before: { key: 'draft', title: 'Draft', version: 1 },
              after: null,
            },
          ],
        },
      ];
    }),
    {
      name: 'plan.deleted',
      run: (headers) => staff.client.delete(`/admin/plans/${made.plan}`, { headers }),
      status: 204,
      expected: () => [
        {
          type: 'plan.deleted',
          stream: made.operator,
          subject_id: made.plan,
          before: expect.objectContaining({ name: 'Team', seatLimit: 50 }),
          after: null,
        },
      ],
    },
    {
      name: 'credits.granted',
      run: (headers) =>
        staff.client.post(
          `${creditsOf(organization)}/grants`,
          { amount: '12.50', category: 'promo', reason: 'Welcome' },
          withKey('granted', headers),
        ),
      status: 201,
      expected: () => [
        {
          type: 'credits.granted',
          stream: organization.id,
          subject_type: 'entry',
          after: { amount: '12.5', category: 'promo', expiresAt: null, reason: 'Welcome' },
        },
      ],
    },
    {
      name: 'credits.grant_scheduled',
      run: (headers) =>
        keep(
          'scheduledGrant',
          staff.client.post(
            `${creditsOf(organization)}/grants`,
            { amount: '4', category: 'promo', reason: 'Later', effectiveAt: '2099-01-01T00:00:00Z' },
            withKey('grant-scheduled', headers),
          ),
        ),
      status: 202,
      expected: () => [
        {
          type: 'credits.grant_scheduled',
          stream: organization.id,
          subject_type: 'adjustment',
          after: {
            amount: '4',
            category: 'promo',
            effectiveAt: '2099-01-01T00:00:00.000Z',
            expiresAt: null,
            reason: 'Later',
          },
        },
      ],
    },
    {
      name: 'credits.grant_cancelled',
      run: (headers) =>
        staff.client.post(`${creditsOf(organization)}/adjustments/${made.scheduledGrant}/cancel`, undefined, {
          headers,
        }),
      status: 200,
      expected: () => [
        {
          type: 'credits.grant_cancelled',
          stream: organization.id,
          subject_type: 'adjustment',
          after: { amount: '4', effectiveAt: '2099-01-01T00:00:00.000Z' },
        },
      ],
    },
    {
      name: 'credits.grant_voided',
      prepare: async () => {
        made.lot = (await grant(staff, organization, '3')).lotId;
      },
      run: (headers) =>
        staff.client.post(
          `${creditsOf(organization)}/grants/${made.lot}/void`,
          { reason: 'By mistake' },
          withKey('grant-voided', headers),
        ),
      status: 201,
      expected: () => [
        {
          type: 'credits.grant_voided',
          stream: organization.id,
          subject_type: 'entry',
          after: { amount: '3', lotId: made.lot, reason: 'By mistake' },
        },
      ],
    },
    {
      name: 'credits.refunded',
      prepare: async () => {
        const { body } = await staff.client.post(
          `${creditsOf(organization)}/charges`,
          { amount: '2' },
          withKey('charged'),
        );
        made.charge = body.id;
      },
      run: (headers) =>
        staff.client.post(
          `${creditsOf(organization)}/charges/${made.charge}/refunds`,
          { amount: '1', reason: 'Broken' },
          withKey('refunded', headers),
        ),
      status: 201,
      expected: () => [
        {
          type: 'credits.refunded',
          stream: organization.id,
          subject_type: 'entry',
          after: { chargeId: made.charge, amount: '1', reason: 'Broken' },
        },
      ],
    },
    {
      name: 'credits.adjusted',
      run: (headers) =>
        staff.client.post(
          `${creditsOf(organization)}/adjustments`,
          { amount: '-1', reason: 'Twice' },
          withKey('adjusted', headers),
        ),
      status: 201,
      expected: () => [
        {
          type: 'credits.adjusted',
          stream: organization.id,
          subject_type: 'entry',
          after: { amount: '-1', reason: 'Twice' },
        },
      ],
    },
    {
      name: 'credits.issued_alone',
      run: (headers) =>
        staff.client.post(
          `${creditsOf(organization)}/adjustments`,
          { amount: '2000000', reason: 'Alone' },
          withKey('alone', headers),
        ),
      status: 201,
      expected: () => [
        {
          type: 'credits.adjusted',
          stream: organization.id,
          subject_type: 'entry',
          after: { amount: '2000000', reason: 'Alone' },
        },
        {
          type: 'credits.issued_alone',
          stream: made.operator,
          subject_type: 'organization',
          subject_id: organization.id,
          after: { kind: 'adjustment', amount: '2000000', issuedToday: '2000019.5' },
        },
      ],
    },
    {
      name: 'credits.adjustment_requested',
      prepare: async () => {
        await app.sql.query(
          `insert into operator_members (operator_id, user_id, role) select operator_id, id, 'manager' from users where id = $1`,
          [admin.id],
        );
      },
      run: async (headers) => {
        const answer = await staff.client.post(
          `${creditsOf(organization)}/adjustments`,
          { amount: '5000000', reason: 'Merger' },
          withKey('requested', headers),
        );
        made.adjustment = answer.body.id;
        return answer;
      },
      status: 202,
      expected: () => [
        {
          type: 'credits.adjustment_requested',
          stream: organization.id,
          subject_id: made.adjustment,
          after: { kind: 'adjustment', amount: '5000000', reason: 'Merger' },
        },
      ],
    },
    {
      name: 'credits.adjustment_declined',
      prepare: async () => {
        // As if another user had requested it.
        await app.sql.query('update credit_adjustments set requested_by = $1', [admin.id]);
        await app.sql.query('delete from operator_members where user_id = $1', [admin.id]);
      },
      run: (headers) =>
        staff.client.post(`${creditsOf(organization)}/adjustments/${made.adjustment}/decline`, undefined, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'credits.adjustment_declined',
          stream: organization.id,
          subject_id: made.adjustment,
          after: { kind: 'adjustment', amount: '5000000', reason: 'Merger' },
        },
      ],
    },
    {
      name: 'credits.overdraft_changed',
      prepare: async () => {
        // As on the next day.
        await app.sql.query('delete from staff_issuances');
      },
      run: (headers) => staff.client.put(`${creditsOf(organization)}/overdraft`, { overdraftLimit: '3' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'credits.overdraft_changed',
          stream: organization.id,
          subject_id: organization.id,
          before: { overdraftLimit: '0' },
          after: { overdraftLimit: '3' },
        },
      ],
    },
    {
      name: 'credits.limits_changed',
      run: (headers) =>
        admin.client.put(
          `/organizations/${organization.id}/limits`,
          { limits: [{ window: 'day', amount: '9' }] },
          { headers },
        ),
      status: 200,
      expected: () => [
        {
          type: 'credits.limits_changed',
          stream: organization.id,
          subject_type: 'organization',
          before: { limits: [] },
          after: { limits: [{ window: 'day', amount: '9' }] },
        },
      ],
    },
    {
      name: 'top_up_settings.updated',
      run: (headers) => staff.client.patch('/admin/operator/top-up-settings', { currency: 'eur' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'top_up_settings.updated',
          stream: made.operator,
          before: { currency: 'USD' },
          after: { currency: 'EUR' },
        },
      ],
    },
    {
      name: 'top_up_package.created',
      run: async (headers) => {
        const body = { name: 'Small', credits: '10', priceMinor: 900, currency: 'eur' };
        const answer = await staff.client.post('/admin/top-up-packages', body, { headers });
        made.package = answer.body.id;
        return answer;
      },
      status: 201,
      expected: () => [
        {
          type: 'top_up_package.created',
          stream: made.operator,
          subject_id: made.package,
          after: { name: 'Small', credits: '10', priceMinor: 900, currency: 'EUR', active: true },
        },
      ],
    },
    {
      name: 'top_up_package.updated',
      run: (headers) =>
        staff.client.patch(`/admin/top-up-packages/${made.package}`, { credits: '11', active: true }, { headers }),
      status: 200,
      expected: () => [{ type: 'top_up_package.updated', before: { credits: '10' }, after: { credits: '11' } }],
    },
    {
      name: 'top_up_package.deleted',
      run: (headers) => staff.client.delete(`/admin/top-up-packages/${made.package}`, { headers }),
      status: 204,
      expected: () => [{ type: 'top_up_package.deleted', subject_id: made.package, after: null }],
    },
    {
      name: 'top_up.created',
      run: async (headers) => {
        const answer = await admin.client.post(topUpsOf(organization), { credits: '100' }, { headers });
        made.topUp = answer.body.id;
        return answer;
      },
      status: 201,
      expected: () => [
        {
          type: 'top_up.created',
          stream: organization.id,
          subject_id: made.topUp,
          after: { credits: '100', priceMinor: 10_000, currency: 'EUR', provider: 'sandbox', packageId: null },
        },
      ],
    },
    ...(
      [
        ['top_up.granted', (id) => said.completed(id, { currency: 'eur' }), { state: 'granted', clawedBack: '0' }],
        ['top_up.refunded', (id) => said.refunded(id, 1_000), { state: 'partially_refunded', clawedBack: '10' }],
        ['top_up.disputed', (id) => said.dispute(id, 'created', 'needs_response'), { state: 'disputed', frozen: '90' }],
        ['top_up.dispute_won', (id) => said.dispute(id, 'closed', 'won'), { state: 'partially_refunded', frozen: '0' }],
        ['top_up.dispute_lost', (id) => said.dispute(id, 'closed', 'lost'), { state: 'lost', clawedBack: '100' }],
        ['top_up.failed', (id) => said.expired(id), { state: 'failed', failure: 'expired' }],
      ] as [string, (id: string) => object, object][]
    ).map(([type, event, after]): Change => ({
      name: type,
      prepare: async () => {
        if (type !== 'top_up.dispute_lost' && type !== 'top_up.failed') return;
        made.topUp = (await newTopUp(admin, organization)).id;
        if (type === 'top_up.failed') return;
        await sendEvent(app.origin, app.client(), said.completed(made.topUp as string, { currency: 'eur' }));
      },
      run: (headers) => sendEvent(app.origin, app.client(), event(made.topUp as string), { headers }),
      status: 200,
      expected: () => [
        {
          type,
          stream: organization.id,
          actor_type: 'system',
          actor_id: null,
          subject_type: 'top_up',
          subject_id: made.topUp,
          after: expect.objectContaining(after),
        },
      ],
    })),
    {
      name: 'top_up.review_opened',
      prepare: async () => {
        made.topUp = (await newTopUp(admin, organization)).id;
      },
      run: (headers) =>
        sendEvent(app.origin, app.client(), said.completed(made.topUp as string, { amount_total: 1 }), { headers }),
      status: 200,
      expected: () => [
        {
          type: 'top_up.review_opened',
          stream: organization.id,
          actor_type: 'system',
          actor_id: null,
          subject_type: 'top_up',
          subject_id: made.topUp,
          after: expect.objectContaining({
            state: 'checkout_open',
            review: expect.objectContaining({ reason: 'currency_differs', reportedMinor: 1, reportedCurrency: 'USD' }),
          }),
        },
      ],
    },
    {
      name: 'top_up.review_closed',
      run: (headers) =>
        staff.client.post(`${topUpsOf(organization)}/${made.topUp}/review`, { note: 'refunded' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'top_up.review_closed',
          stream: organization.id,
          subject_id: made.topUp,
          after: expect.objectContaining({ state: 'checkout_open', note: 'refunded' }),
        },
        {
          type: 'top_up.failed',
          stream: organization.id,
          subject_id: made.topUp,
          after: expect.objectContaining({ state: 'failed', failure: 'payment_differs' }),
        },
      ],
    },
    {
      name: 'seller.updated',
      run: (headers) => staff.client.put('/admin/operator/seller', { legalName: 'Acme Cloud GmbH' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'seller.updated',
          stream: made.operator,
          before: { legalName: null },
          after: { legalName: 'Acme Cloud GmbH' },
        },
      ],
    },
    {
      name: 'billing_details.updated',
      run: (headers) =>
        admin.client.put(`/organizations/${organization.id}/billing-details`, { reference: 'PO 7' }, { headers }),
      status: 200,
      expected: () => [
        {
          type: 'billing_details.updated',
          stream: organization.id,
          subject_type: 'organization',
          before: { reference: null },
          after: { reference: 'PO 7' },
        },
      ],
    },
    {
      name: 'auto_top_up.updated',
      run: (headers) =>
        admin.client.put(
          `/organizations/${organization.id}/auto-top-up`,
          { enabled: false, threshold: '1', amount: '2' },
          { headers },
        ),
      status: 200,
      expected: () => [
        {
          type: 'payment_method.saved',
          stream: organization.id,
          subject_type: 'payment_method',
          subject_id: 'pm_sandbox_pays',
          after: { provider: 'sandbox', brand: 'sandbox', last4: '4242', topUpId: null },
        },
        {
          type: 'auto_top_up.updated',
          stream: organization.id,
          after: { threshold: '1', amount: '2', paymentMethodId: 'pm_sandbox_pays' },
        },
      ],
    },
    {
      name: 'payment_method.removed',
      run: (headers) =>
        admin.client.delete(`/organizations/${organization.id}/payment-methods/pm_sandbox_pays`, { headers }),
      status: 204,
      expected: () => [
        {
          type: 'payment_method.removed',
          stream: organization.id,
          subject_id: 'pm_sandbox_pays',
          before: { provider: 'sandbox', brand: 'sandbox', last4: '4242', topUpId: null },
        },
      ],
    },
    {
      name: 'credit_alert.created',
      run: async (headers) => {
        const path = `/organizations/${organization.id}/credit-alerts`;
        const answer = await admin.client.post(path, { amount: '0.5' }, { headers });
        made.alert = answer.body.id;
        return answer;
      },
      status: 201,
      expected: () => [
        {
          type: 'credit_alert.created',
          subject_id: made.alert,
          after: { kind: 'balance', amount: '0.5', hours: null, days: null, enabled: true },
        },
      ],
    },
    {
      name: 'credit_alert.updated',
      run: (headers) => {
        const path = `/organizations/${organization.id}/credit-alerts/${made.alert}`;
        return admin.client.patch(path, { amount: '0.25' }, { headers });
      },
      status: 200,
      expected: () => [{ type: 'credit_alert.updated', before: { amount: '0.5' }, after: { amount: '0.25' } }],
    },
    {
      name: 'credit_alert.deleted',
      run: (headers) =>
        admin.client.delete(`/organizations/${organization.id}/credit-alerts/${made.alert}`, { headers }),
      status: 204,
      expected: () => [{ type: 'credit_alert.deleted', subject_id: made.alert, after: null }],
    },
    {
      name: 'member.left',
      run: (headers) => leaver.client.delete(`/account/organizations/${organization.id}`, { headers }),
      status: 204,
      expected: () => [
        {
          type: 'member.left',
          stream: organization.id,
          actor_id: leaver.id,
          subject_id: leaver.id,
          before: { role: 'user' },
          after: null,
        },
      ],
    },
    ...((): Change[] => {
      const authenticator = new Authenticator(BASE_URL);
      let factored: Person;
      let secret = '';
      let codes: string[] = [];
      const about = (type: string, subjectType = 'user') => ({
        type,
        stream: made.operator,
        actor_id: factored.id,
        subject_type: subjectType,
      });
      const post = (path: string, body?: object) => (headers: Record<string, string>) =>
        factored.client.post(path, body, { headers });
      return [
        {
          name: 'mfa.totp_added, mfa.recovery_codes_created',
          prepare: async () => {
            factored = await newPerson(app, 'changing-factors');
            secret = (await factored.client.post('/account/mfa/totp')).body.secret;
          },
          run: async (headers) =>
            factored.client.post('/account/mfa/totp/confirm', { code: await generate({ secret }) }, { headers }),
          status: 200,
          expected: () => [about('mfa.totp_added'), about('mfa.recovery_codes_created')],
        },
        {
          name: 'mfa.recovery_codes_created',
          run: async (headers) => {
            const answer = await post('/account/mfa/recovery-codes')(headers);
            codes = answer.body.recoveryCodes ?? codes;
            return answer;
          },
          status: 201,
          expected: () => [about('mfa.recovery_codes_created')],
        },
        {
          name: 'mfa.recovery_code_used, session.started',
          prepare: async () => {
            const { body } = await app.client().post('/auth/login', { email: factored.email, password: PASSWORD });
            made.mfaToken = body.mfaToken;
          },
          run: (headers) =>
            app.client().post('/auth/mfa', { mfaToken: made.mfaToken, recoveryCode: codes[0] }, { headers }),
          status: 200,
          expected: () => [about('mfa.recovery_code_used'), about('session.started', 'session')],
        },
        {
          name: 'session.proved, mfa.recovery_code_used',
          run: (headers) => post('/account/step-up', { recoveryCode: codes[1] })(headers),
          status: 200,
          expected: () => [
            about('mfa.recovery_code_used'),
            { ...about('session.proved', 'session'), after: { by: 'recovery_code' } },
          ],
        },
        {
          name: 'passkey.added',
          prepare: async () => {
            made.challenge = (await factored.client.post('/account/passkeys/options')).body.challenge;
          },
          run: (headers) => {
            const credential = authenticator.create({ challenge: made.challenge ?? '' });
            return keep('passkey', post('/account/passkeys', { credential, name: 'Key' })(headers));
          },
          status: 201,
          expected: () => [{ ...about('passkey.added', 'passkey'), after: { name: 'Key' } }],
        },
        {
          name: 'passkey.renamed',
          run: (headers) => factored.client.patch(`/account/passkeys/${made.passkey}`, { name: 'Other' }, { headers }),
          status: 200,
          expected: () => [
            { ...about('passkey.renamed', 'passkey'), before: { name: 'Key' }, after: { name: 'Other' } },
          ],
        },
        {
          name: 'passkey.removed',
          run: (headers) => factored.client.delete(`/account/passkeys/${made.passkey}`, { headers }),
          status: 204,
          expected: () => [{ ...about('passkey.removed', 'passkey'), before: { name: 'Other' } }],
        },
        {
          name: 'mfa.totp_removed',
          run: (headers) => factored.client.delete('/account/mfa/totp', { headers }),
          status: 204,
          expected: () => [about('mfa.totp_removed')],
        },
        {
          name: 'mfa.reset, session.ended',
          prepare: async () => {
            await app.sql.query('update sessions set ended_at = now() where user_id = $1', [factored.id]);
            factored = await signIn(app, factored.email);
            const { body } = await factored.client.post('/account/mfa/totp');
            await factored.client.post('/account/mfa/totp/confirm', { code: await generate({ secret: body.secret }) });
          },
          run: (headers) => staff.client.delete(`/admin/users/${factored.id}/mfa`, { headers }),
          status: 204,
          expected: () => [
            { ...about('session.ended', 'session'), actor_id: staff.id },
            {
              ...about('mfa.reset'),
              actor_id: staff.id,
              subject_id: factored.id,
              before: { totp: true, passkeys: 0 },
            },
          ],
        },
      ];
    })(),
    {
      name: 'session.ended by ending all',
      run: (headers) => leaver.client.delete('/account/sessions', { headers }),
      status: 204,
      expected: () => [{ type: 'session.ended', actor_id: leaver.id, subject_type: 'session' }],
    },
  ];

  it.each(changes)(
    'and its event are written together or not at all: $name',
    async ({ prepare, run, status, expected }) => {
      await prepare?.();
      await mailsSent();
      const before = await fingerprint(app);
      const broken = await withoutEvents(() => run({}));
      expect([broken.status, broken.body.code]).toEqual([500, 'internal_error']);
      expect(await fingerprint(app)).toEqual(before);

      let answer: Answer | undefined;
      const events = await eventsDuring(async () => {
        answer = await run({ 'x-request-id': requestId });
      });
      expect(answer?.status).toBe(status);
      const common = { actor_type: 'user', request_id: requestId, ip: '127.0.0.1' };
      expect(events).toEqual(expected().map((event) => expect.objectContaining({ ...common, ...event })));
    },
  );

  it('covers every event type, except for those that no route writes', () => {
    const seen = new Set(changes.flatMap(({ expected }) => expected().map(({ type }) => type ?? '')));
    const unseen = EVENT_TYPES.filter((type) => !seen.has(type));
    // These have tests of their own.
    expect(unseen).toEqual([
      'user.password_reset',
      'user.change_undone',
      'user.password_changed',
      'user.blocked',
      'user.unblocked',
      'user.erased',
      'sign_in.failed',
      'session.step_up_failed',
      'api_key.refused',
      'device_login.approved',
      'device_login.denied',
      'organization.purged',
      'api_key.updated',
      'api_key.used',
      'access_rule.too_expensive',
      'domain.proof_missing',
      'domain.proof_lost',
      'sso_connection.claims_incomplete',
      'sso_identity.linked',
      'sso_identity.unlinked',
      'subscription.renewed',
      'job.failed',
      'top_up.refund_failed',
      'top_up.reconciled',
      'top_up.payment_unclaimed',
      'auto_top_up.stopped',
      'auto_top_up.delayed',
      'credit_alert.fired',
      'receipt.corrected',
      'unit.purged',
      'webhook.disabled',
    ]);
  });

  it('writes no secret into an event', async () => {
    const stored = JSON.stringify(await allEvents());
    const { rows } = await app.sql.query<{ secret: string }>(
      `select hash as secret from passwords union select token_hash from refresh_tokens
       union select token_hash from one_time_tokens union select private_key from signing_keys union select key_hash from organization_api_keys
       union select secret_hash from clients union select key_hash from operator_api_keys`,
    );
    expect(rows.length).toBeGreaterThan(5);
    const secrets = [
      ...rows.map(({ secret }) => secret),
      PASSWORD,
      ADMIN.password,
      made.refreshToken,
      made.signedOut,
      made.apiKeySecret,
      made.clientSecret,
      made.idpSecret,
    ];
    secrets.push(
      admin.accessToken,
      admin.refreshToken,
      await tokenMailedTo(app, member.email, 1, /^Confirm/),
      '$argon2',
      'trr_',
      'eyJ',
    );
    expect(secrets.filter((secret) => !secret || stored.includes(secret))).toEqual([]);
    expect(stored).toContain(organization.id);
  });

  it('leaves no event when refused', async () => {
    const own = await newOrganization(staff, 'Refusing', admin);
    const user = await newMember(app, staff, own, 'user', 'refused-user');
    const second = `${own.path}/units/${own.defaultUnitId}`;
    const attempts: [number, () => Promise<Answer>][] = [
      [400, () => admin.client.patch(own.path, { name: '' })],
      [403, () => user.client.patch(own.path, { name: 'Mine' })],
      [403, () => admin.client.patch(own.path, { slug: 'mine-now' })],
      [412, () => admin.client.patch(own.path, { name: 'Late' }, { headers: { 'if-match': '"99"' } })],
      [403, () => admin.client.patch(own.path, { externalId: 'C-2' })],
      [409, () => staff.client.patch(own.path, { externalId: 'C-1' })],
      [422, () => admin.client.delete(`${own.path}?confirmName=no`)],
      [409, () => admin.client.post(`${own.path}/members`, { userId: user.id, role: 'user' })],
      [403, () => admin.client.post(`${own.path}/members`, { email: 'nobody@people.example', role: 'user' })],
      [409, () => admin.client.delete(`/account/organizations/${own.id}`)],
      [409, () => admin.client.patch(`${own.path}/members/${admin.id}`, { role: 'user' })],
      [409, () => admin.client.post(`${own.path}/units`, { name: 'Default', slug: 'default' })],
      [422, () => admin.client.delete(`${second}?confirmName=no`)],
      [404, () => admin.client.patch(`${second}/members/${user.id}`, { role: 'admin' })],
      [409, () => staff.client.post('/admin/organizations', { name: 'Taken', slug: own.slug })],
      [
        409,
        () =>
          staff.client.post('/admin/organizations', {
            name: 'Taken',
            externalId: 'C-1',
            adminEmail: 'invited@people.example',
          }),
      ],
      [401, () => app.client().post('/auth/login', { email: admin.email, password: 'not the password' })],
      [422, () => app.client().post('/auth/verify-email', { token: 'never-given-out', password: PASSWORD })],
    ];
    const events = await eventsDuring(async () => {
      const answers = [];
      for (const [, attempt] of attempts) answers.push((await attempt()).status);
      expect(answers).toEqual(attempts.map(([status]) => status));
    });
    expect(events).toEqual([]);
  });

  it('leaves no event when it changes nothing', async () => {
    const own = await newOrganization(staff, 'Unchanging', admin);
    const events = await eventsDuring(async () => {
      expect((await admin.client.patch(own.path, { name: 'Unchanging' })).status).toBe(200);
      expect((await admin.client.put(own.path, { name: 'Unchanging' })).status).toBe(200);
      expect((await staff.client.post(`${own.path}/resume`)).status).toBe(200);
      expect((await staff.client.post(`${own.path}/restore`)).status).toBe(200);
      expect((await admin.client.patch(`${own.path}/branding`, {})).status).toBe(200);
      expect((await admin.client.patch(`${own.path}/members/${admin.id}`, { role: 'admin' })).status).toBe(200);
    });
    expect(events).toEqual([]);
  });
});

/** Computes the hash of an event independently: SHA-256 over the previous hash and the canonical JSON of the event. */
function expectedHash(previous: string, event: any): string {
  const content = [
    String(event.seq),
    event.id,
    new Date(event.occurredAt).toISOString(),
    event.type,
    event.actor.type,
    event.actor.id,
    event.subject.type,
    event.subject.id,
    event.before,
    event.after,
    event.requestId,
    event.ip,
  ];
  return createHash('sha256')
    .update(`${previous}\n${canonicalize(content)}`)
    .digest('hex');
}

/**
 * Appends `count` events with a valid chain to the events of an organization, as the server would.
 * `vary` sets how each differs.
 */
async function addEvents(
  organizationId: string,
  count: number,
  vary: (index: number) => Record<string, unknown> = () => ({}),
): Promise<void> {
  const { rows } = await app.sql.query('select seq, hash from organization_event_chains where organization_id = $1', [
    organizationId,
  ]);
  let hash: string = rows[0].hash;
  const first = Number(rows[0].seq) + 1;
  const columns: unknown[][] = Array.from({ length: 13 }, () => []);
  for (let index = 0; index < count; index++) {
    const event = {
      seq: first + index,
      id: `0190${(first + index).toString(16).padStart(4, '0')}-0000-7000-8000-${organizationId.slice(-12)}`,
      occurredAt: new Date(Date.UTC(2020, 0, 1) + index * 60_000),
      type: 'unit.updated',
      actor: { type: 'system', id: null },
      subject: { type: 'unit', id: `unit-${index % 100}` },
      before: null,
      after: { number: index },
      requestId: 'filled',
      ip: null,
      ...vary(index),
    };
    hash = expectedHash(hash, event);
    const after = JSON.stringify(event.after);
    const row = [
      event.seq,
      event.id,
      event.occurredAt,
      event.type,
      event.actor.type,
      event.actor.id,
      event.subject.type,
      event.subject.id,
      after,
      event.requestId,
      event.ip,
      hash,
      app.app.get(SecretBox).sign('event', `organization:${organizationId}\n${event.seq}\n${hash}`),
    ];
    for (const [column, value] of row.entries()) columns[column]?.push(value);
  }
  await app.sql.query(
    `insert into organization_events (organization_id, seq, id, occurred_at, type, actor_type, actor_id, subject_type, subject_id, after, request_id, ip, hash, signature)
     select $1, * from unnest($2::bigint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::text[], $10::jsonb[], $11::text[], $12::text[], $13::text[], $14::text[])`,
    [organizationId, ...columns],
  );
  await app.sql.query('update organization_event_chains set seq = $2, hash = $3 where organization_id = $1', [
    organizationId,
    first + count - 1,
    hash,
  ]);
}

describe('the audit log', () => {
  let admin: Person;
  let user: Person;
  let organization: Organization;

  beforeAll(async () => {
    admin = await newPerson(app, 'log-admin');
    organization = await newOrganization(staff, 'Logged', admin);
    user = await newMember(app, staff, organization, 'user', 'log-user');
    for (let index = 0; index < 6; index++)
      await admin.client.post(`${organization.path}/units`, { name: `Unit ${index}` });
    await user.client.post(`${organization.path}/units`, { name: 'Unit of the user' });
  });

  const list = async (query = '') => (await admin.client.get(`${organization.path}/events${query}`)).body;
  const seqs = ({ items }: { items: { seq: number }[] }) => items.map(({ seq }) => seq);
  const types = ({ items }: { items: { type: string }[] }) => [...new Set(items.map(({ type }) => type))];

  it('is listed newest first, or oldest first on request', async () => {
    const down = await list('?limit=100');
    const length = down.items.length;
    expect(seqs(down)).toEqual(Array.from({ length }, (_, index) => length - index));
    expect(seqs(await list('?sort=occurredAt&limit=100'))).toEqual(seqs(down).toReversed());
    expect(seqs(await list('?sort=-occurredAt&limit=100'))).toEqual(seqs(down));
    expect((await admin.client.get(`${organization.path}/events?sort=type`)).status).toBe(400);
  });

  it('is paged and counted, and new events shift no page', async () => {
    const all = seqs(await list('?limit=100'));
    const first = await list('?limit=4&count=true');
    expect(first.total).toBe(all.length);
    await admin.client.patch(organization.path, { description: 'Meanwhile' });
    const pages = [first];
    while (pages.at(-1).nextCursor) pages.push(await list(`?limit=4&cursor=${pages.at(-1).nextCursor}`));
    expect(pages.flatMap(seqs)).toEqual(all);
    const other = await admin.client.get(
      `${organization.path}/events?limit=4&type=unit.created&cursor=${first.nextCursor}`,
    );
    expect([other.status, other.body.code]).toEqual([400, 'invalid_cursor']);
  });

  it('can be filtered by type, actor and subject', async () => {
    const created = await list('?type=unit.created&count=true');
    expect([types(created), created.total]).toEqual([['unit.created'], 8]);
    const byUser = await list(`?actorId=${user.id}&sort=occurredAt`);
    expect(types(byUser)).toEqual(['unit.created', 'unit_member.added']);
    expect((await list(`?actorId=${user.id.toUpperCase()}`)).items).toHaveLength(2);
    expect(types(await list('?subjectType=member'))).toEqual(['member.added']);
    const one = created.items[0].subject.id;
    expect(types(await list(`?subjectId=${one}`)).sort()).toEqual(['unit.created', 'unit_member.added']);
    expect((await list(`?subjectId=${one}&type=unit.created&actorId=${user.id}`)).items).toHaveLength(1);
    expect((await list(`?subjectId=${one}&actorId=${admin.id}`)).items).toEqual([]);
    for (const bad of ['type=unit.exploded', 'actorId=me', 'type=unit.created&type=unit.updated', 'who=me']) {
      const answer = await admin.client.get(`${organization.path}/events?${bad}`);
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    }
  });

  it('can be filtered to one event of this organization by its id', async () => {
    const [event] = (await list('?type=unit.created&limit=1')).items;
    expect((await list(`?id=${event.id}`)).items).toEqual([event]);
    const [ofOperator] = (await staff.client.get('/admin/operator/events?limit=1')).body.items;
    expect((await staff.client.get(`/admin/operator/events?id=${ofOperator.id}`)).body.items).toEqual([ofOperator]);
    expect((await list(`?id=${ofOperator.id}`)).items).toEqual([]);
    expect((await staff.client.get(`/admin/operator/events?id=${event.id}`)).body.items).toEqual([]);
  });

  it('includes the names of the users and resources in its events on request', async () => {
    const { items, names } = await list(`?actorId=${user.id}&names=true`);
    const unit = items[0].subject.id;
    const { name } = (await admin.client.get(`${organization.path}/units/${unit}`)).body;
    expect(names).toEqual({ [user.id]: user.email.split('@')[0], [unit]: name, [organization.id]: organization.name });
    expect(await list(`?actorId=${user.id}`)).not.toHaveProperty('names');
    const ofStaff = `${organization.path}/events?actorId=${staff.id}&names=true`;
    const operator = await staff.client.get('/admin/operator');
    expect((await admin.client.get(ofStaff)).body.names[staff.id]).toBe(operator.body.name);
    expect((await staff.client.get(ofStaff)).body.names[staff.id]).toBe('Administrator');
    const ofOperator = await staff.client.get('/admin/operator/events?names=true&limit=100');
    expect(ofOperator.body.names[staff.id]).toBe('Administrator');
  });

  it('can be filtered by time: from inclusive, to exclusive, UTC without a zone', async () => {
    await addEvents(organization.id, 10);
    const within = async (from: string, to: string) =>
      seqs(await list(`?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}&sort=occurredAt`)).length;
    expect(await within('2020-01-01T00:02:00Z', '2020-01-01T00:05:00Z')).toBe(3);
    expect(await within('2020-01-01T01:02:00+01:00', '2019-12-31T19:05:00-05:00')).toBe(3);
    expect(await within('2020-01-01', '2020-01-01')).toBe(10);
    expect(await within('2020-01-01T00:02Z', '2020-01-01')).toBe(8);
    expect(await within('2020-01-02', '2020-01-01')).toBe(0);
    for (const bad of ['yesterday', '2020-13-01', '2020-W01', '2020-001', '2020-01-01T00:02:00', '1577836800', '']) {
      const answer = await admin.client.get(`${organization.path}/events?from=${bad}`);
      expect([bad, answer.status, answer.body.errors?.[0]?.field]).toEqual([bad, 400, 'from']);
    }
  });

  it('is open only to admins and the staff above them', async () => {
    const manager = await newMember(app, staff, organization, 'manager', 'log-manager');
    const stranger = await newPerson(app, 'log-stranger');
    for (const path of ['', '/export', '/verify']) {
      const read = async (person: Person) => {
        const { status, body } = await person.client.get(`${organization.path}/events${path}`);
        return [status, body.code];
      };
      expect(await read(user)).toEqual([403, 'auth.forbidden']);
      expect(await read(manager)).toEqual([403, 'auth.forbidden']);
      expect(await read(stranger)).toEqual([404, 'organizations.not_found']);
      expect((await read(admin))[0]).toBe(200);
      expect((await read(staff))[0]).toBe(200);
      expect((await app.client().get(`${organization.path}/events${path}`)).status).toBe(401);
      expect((await admin.client.get(`/admin/operator/events${path}`)).status).toBe(403);
      expect((await staff.client.get(`/admin/operator/events${path}`)).status).toBe(200);
    }
  });

  it('of an operator contains its own events and none of its organizations', async () => {
    const { body } = await staff.client.get('/admin/operator/events?limit=100');
    expect(types(body)).toEqual(expect.arrayContaining(['session.started', 'user.created']));
    expect(types(body).filter((type) => /^(organization|member|unit)/.test(type))).toEqual([]);
    expect((await staff.client.get('/admin/operator/events/verify')).body).toMatchObject({
      valid: true,
      firstInvalidSeq: null,
    });
  });
});

/** Reads an export at its own pace. */
function exporting(path: string, token: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(`${app.origin}/t/demo/api/v1${path}`);
    http.get(url, { headers: { authorization: `Bearer ${token}` }, agent: false }, resolve).on('error', reject);
  });
}

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

describe('an export', () => {
  let admin: Person;
  let organization: Organization;
  /** More than the buffers on the way can hold. */
  let large: Organization;
  const FILLED = 2_500;
  const LARGE = 8_000;
  const DANGEROUS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '"quoted", and\nbroken'];

  beforeAll(async () => {
    admin = await newPerson(app, 'export-admin');
    organization = await newOrganization(staff, 'Exported', admin);
    await addEvents(organization.id, FILLED, (index) => ({
      type: index % 2 ? 'unit.updated' : 'unit.suspended',
      after: { number: index, text: 'x'.repeat(100) },
      ...(index < DANGEROUS.length && { subject: { type: 'unit', id: DANGEROUS[index] } }),
    }));
    large = await newOrganization(staff, 'Large export', admin);
    await addEvents(large.id, LARGE, () => ({ type: 'unit.updated', after: { text: 'x'.repeat(4000) } }));
  });

  const path = (query: string, { path: prefix } = organization) => `${prefix}/events/export?${query}`;

  it('contains every event once, oldest first, as NDJSON', async () => {
    const response = await exporting(path('format=ndjson'), admin.accessToken);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/x-ndjson');
    expect(response.headers['content-disposition']).toBe('attachment; filename="events.ndjson"');
    const lines = (await textOf(response)).trimEnd().split('\n');
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed.map(({ seq }) => seq)).toEqual(Array.from({ length: FILLED + 4 }, (_, index) => index + 1));
    let hash = `organization:${organization.id}`;
    for (const event of parsed) {
      hash = expectedHash(hash, event);
      if (event.hash !== hash) throw new Error(`event ${event.seq} does not fit`);
    }
    expect((await admin.client.get(`${organization.path}/events/verify`)).body).toEqual({
      valid: true,
      events: FILLED + 4,
      firstInvalidSeq: null,
      problem: null,
      anchoredSeq: null,
      head: hash,
    });
  });

  it('is NDJSON by default, and accepts the filters of the list', async () => {
    const response = await exporting(path('type=unit.suspended&from=2020-01-01T00:10:00Z'), admin.accessToken);
    expect(response.headers['content-type']).toBe('application/x-ndjson');
    expect((await textOf(response)).trimEnd().split('\n')).toHaveLength(FILLED / 2 - 5);
    for (const bad of [
      'format=xlsx',
      'limit=5',
      'type=nothing',
      'format=csv&format=csv',
      'from=2020-W01',
      'format=csv&to=2020-001',
    ]) {
      expect((await admin.client.get(path(bad))).body.code).toBe('validation_failed');
    }
  });

  it('as CSV has a header and no cell that a spreadsheet would execute', async () => {
    const response = await exporting(path('format=csv'), admin.accessToken);
    expect(response.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(response.headers['content-disposition']).toBe('attachment; filename="events.csv"');
    const csv = await textOf(response);
    expect(csv.startsWith('\uFEFF')).toBe(true);
    const [header, ...cells] = parseCsv(csv.slice(1));
    expect(header).toEqual([
      'seq',
      'id',
      'occurredAt',
      'type',
      'actorType',
      'actorId',
      'subjectType',
      'subjectId',
      'before',
      'after',
      'requestId',
      'ip',
      'hash',
    ]);
    expect(cells).toHaveLength(FILLED + 4);
    expect(cells.map(([seq]) => Number(seq))).toEqual(Array.from({ length: FILLED + 4 }, (_, index) => index + 1));
    expect(new Set(cells.map((row) => row.length))).toEqual(new Set([13]));
    const subjects = cells.slice(4, 4 + DANGEROUS.length).map((row) => row[7]);
    expect(subjects).toEqual(DANGEROUS.map((text) => (text.startsWith('"') ? text : `'${text}`)));
    const runnable = cells.flat().filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell));
    expect(runnable).toEqual([]);
  });

  it('without events is a header in CSV, and empty in NDJSON', async () => {
    const none = 'type=unit.purged';
    expect(parseCsv(await textOf(await exporting(path(`${none}&format=csv`), admin.accessToken)))).toHaveLength(1);
    expect(await textOf(await exporting(path(none), admin.accessToken))).toBe('');
  });

  it.each(FULL ? ['ndjson', 'csv'] : ['ndjson'])(
    'is read from the database only as fast as the receiver reads: %s',
    async (format) => {
      const after = jest.spyOn(app.app.get(EventStore), 'after');
      try {
        const response = await exporting(path(`format=${format}`, large), admin.accessToken);
        await new Promise<void>((resolve) => void response.once('readable', resolve));
        // A receiver that stops reading lets the buffers on the way fill up, and then nothing moves.
        let reads = -1;
        while (reads !== after.mock.calls.length) {
          reads = after.mock.calls.length;
          await sleep(300);
        }
        expect(reads).toBeLessThan(LARGE / 1000 / 2);
        expect((await admin.client.get(organization.path)).status).toBe(200);
        const text = await textOf(response);
        expect(text.length).toBeGreaterThan(LARGE * 4000);
        expect(after.mock.calls.length).toBeGreaterThan(LARGE / 1000);
      } finally {
        after.mockRestore();
      }
    },
  );

  it.each(FULL ? ['ndjson', 'csv'] : ['csv'])('stops when its receiver disconnects: %s', async (format) => {
    const after = jest.spyOn(app.app.get(EventStore), 'after');
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    try {
      for (let tries = 0; tries < 5; tries++) {
        const response = await exporting(path(`format=${format}`, large), admin.accessToken);
        await new Promise<void>((resolve) => void response.once('data', () => resolve()));
        response.destroy();
      }
      await sleep(300);
      const reads = after.mock.calls.length;
      await sleep(300);
      expect(after.mock.calls.length).toBe(reads);
      expect(reads).toBeLessThan((5 * LARGE) / 1000);
      expect(unhandled).not.toHaveBeenCalled();
      // Scheduled jobs are busy for an instant. The session of an export that continues would stay busy.
      for (let tries = 0, busy = 1; busy > 0; tries++) {
        const { rows } = await app.sql.query(
          `select count(*)::int as busy from pg_stat_activity
           where datname = current_database() and application_name = 'trellis' and state <> 'idle'`,
        );
        busy = rows[0].busy;
        expect(tries).toBeLessThan(50);
        await sleep(20);
      }
      expect((await admin.client.get(organization.path)).status).toBe(200);
    } finally {
      process.off('unhandledRejection', unhandled);
      after.mockRestore();
    }
  });

  it('requested with HEAD reads no events', async () => {
    const after = jest.spyOn(app.app.get(EventStore), 'after');
    try {
      const answer = await admin.client.request('HEAD', path('format=csv'));
      expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([
        200,
        'text/csv; charset=utf-8',
        '',
      ]);
      await sleep(100);
      expect(after.mock.calls.length).toBeLessThan(2);
    } finally {
      after.mockRestore();
    }
  });

  it.each(['ndjson', 'csv'])('that fails halfway does not look complete: %s', async (format) => {
    const store = app.app.get(EventStore);
    const original = store.after.bind(store);
    const after = jest.spyOn(store, 'after');
    after.mockImplementation((...args) =>
      args[2] === '0' ? original(...args) : Promise.reject(new Error('the database is gone')),
    );
    try {
      const response = await exporting(path(`format=${format}`), admin.accessToken);
      await expect(textOf(response)).rejects.toThrow();
      after.mockImplementation(() => Promise.reject(new Error('the database is gone')));
      const answer = await admin.client.get(path(`format=${format}`));
      expect([answer.status, answer.headers.get('content-type'), answer.body.code]).toEqual([
        500,
        'application/problem+json',
        'internal_error',
      ]);
    } finally {
      after.mockRestore();
    }
  });
});

/** Parses CSV as RFC 4180 describes it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows;
}

describe('the hash chain', () => {
  /** Changes rows in ways that neither the server nor SQL allows while the triggers are on. */
  async function tamper(table: EventTable, statement: string, parameters: unknown[]): Promise<void> {
    await app.sql.query(`alter table ${table} disable trigger user`);
    try {
      await app.sql.query(statement, parameters);
    } finally {
      await app.sql.query(`alter table ${table} enable trigger user`);
    }
  }

  const verify = async (path: string) => (await staff.client.get(`${path}/events/verify`)).body;

  async function newLog(name: string): Promise<Organization> {
    const organization = await newOrganization(staff, name);
    const changes = Array.from({ length: 8 }, (_, index) => ({ description: `${index}` }));
    await Promise.all(changes.map((change) => staff.client.patch(organization.path, change)));
    return organization;
  }

  it('is valid after 50 concurrent changes, and numbers them without a gap', async () => {
    const organization = await newOrganization(staff, 'Parallel');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2
          ? staff.client.post(`${organization.path}/units`, { name: `Unit ${index}` })
          : staff.client.patch(organization.path, { description: `${index}` }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
    const { rows } = await app.sql.query(
      'select seq::int, type from organization_events where organization_id = $1 order by seq',
      [organization.id],
    );
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 52 }, (_, index) => index + 1));
    expect(rows.filter(({ type }) => type === 'unit.created')).toHaveLength(26);
    expect(await verify(organization.path)).toMatchObject({ valid: true, events: 52, firstInvalidSeq: null });
  });

  itFull('is valid after changes through two servers, one of which fails half of them', async () => {
    const organization = await newOrganization(staff, 'Two servers');
    const replica = await app.replica();
    const other = staff.client.at(`${replica.origin}/t/demo/api/v1`);
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (index % 2 ? other : staff.client).post(`${organization.path}/units`, {
          name: 'Same',
          slug: `slug-${index % 10}`,
        }),
      ),
    );
    expect(await verify(organization.path)).toMatchObject({ valid: true, events: 12 });
  });

  it.each([
    ['what happened', `set type = 'unit.purged'`],
    ['who did it', `set actor_type = 'system', actor_id = null`],
    ['what it was done to', `set subject_id = 'other'`],
    ['what it became', `set after = '{"description": "none of them"}'`],
    ['what it was', 'set before = null'],
    ['when it was', `set occurred_at = occurred_at - interval '1 millisecond'`],
    ['where it came from', `set ip = '10.0.0.1'`],
    ['which request it was', `set request_id = 'other'`],
    ['its id', 'set id = gen_random_uuid()'],
    ['its hash', `set hash = repeat('0', 64)`],
  ])('detects a change of %s', async (_, set) => {
    const organization = await newLog('Tampered');
    expect(await verify(organization.path)).toMatchObject({ valid: true, events: 10 });
    await tamper('organization_events', `update organization_events ${set} where organization_id = $1 and seq = 5`, [
      organization.id,
    ]);
    expect(await verify(organization.path)).toMatchObject({ valid: false, events: 4, firstInvalidSeq: 5 });
  });

  it.each([
    ['the first', 'seq = 1', 1],
    ['one in the middle', 'seq = 6', 6],
    ['the last', 'seq = 10', 10],
    ['several', 'seq > 3', 4],
    ['all', 'true', 1],
  ])('detects the removal of %s', async (_, which, first) => {
    const organization = await newLog('Removed');
    await tamper('organization_events', `delete from organization_events where organization_id = $1 and ${which}`, [
      organization.id,
    ]);
    expect(await verify(organization.path)).toMatchObject({ valid: false, events: first - 1, firstInvalidSeq: first });
  });

  it.each([
    ['removed the end of the chain', 'delete from organization_event_chains where organization_id = $1', 1],
    ['moved the end of the chain back', 'update organization_event_chains set seq = 7 where organization_id = $1', 8],
    [
      'changed the hash at the end',
      `update organization_event_chains set hash = 'none' where organization_id = $1`,
      11,
    ],
    [
      'put an event behind the last',
      `insert into organization_events select (jsonb_populate_record(e, '{"seq": 11, "id": "01900000-0000-7000-8000-000000000000"}')).*
       from organization_events e where organization_id = $1 and seq = 10`,
      11,
    ],
    [
      'put an event before the first',
      `insert into organization_events select (jsonb_populate_record(e, '{"seq": 0, "id": "01900000-0000-7000-8000-000000000000"}')).*
       from organization_events e where organization_id = $1 and seq = 1`,
      1,
    ],
  ])('shows that an attacker %s', async (_, statement, first) => {
    const organization = await newLog('Bent');
    await tamper('organization_events', statement, [organization.id]);
    expect(await verify(organization.path)).toMatchObject({ valid: false, firstInvalidSeq: first });
  });

  it('shows that a log was replaced by another one', async () => {
    const [one, two] = [await newLog('One'), await newLog('Two')];
    const swap = (table: string) =>
      tamper('organization_events', `update ${table} set organization_id = $2 where organization_id = $1`, [
        one.id,
        two.id,
      ]);
    await app.sql.query('delete from organization_events where organization_id = $1', [two.id]);
    await app.sql.query('delete from organization_event_chains where organization_id = $1', [two.id]);
    await swap('organization_events');
    await swap('organization_event_chains');
    expect(await verify(two.path)).toMatchObject({ valid: false, firstInvalidSeq: 1 });
  });

  it('of an operator shows tampering too, and its head is the hash of the last event', async () => {
    const before = await verify('/admin/operator');
    expect(before).toMatchObject({ valid: true, firstInvalidSeq: null });
    const { body } = await staff.client.get('/admin/operator/events?limit=1');
    expect([body.items[0].hash, body.items[0].seq]).toEqual([before.head, before.events]);
    const set = (ip: string) => tamper('operator_events', `update operator_events set ip = $1 where seq = 3`, [ip]);
    const { rows } = await app.sql.query('select ip from operator_events where seq = 3 and operator_id = $1', [
      (await staff.client.get('/admin/operator')).body.id,
    ]);
    await set('10.9.9.9');
    expect(await verify('/admin/operator')).toMatchObject({ valid: false, firstInvalidSeq: 3 });
    await set(rows[0].ip);
    expect(await verify('/admin/operator')).toMatchObject({ valid: true });
  });

  it('is valid after events with unusual texts', async () => {
    const organization = await newOrganization(staff, 'Odd');
    const odd = [
      'é vs é',
      '\u{1F468}‍\u{1F469}',
      '"\\/',
      '١٢٣',
      '\ufeffbom',
      '\ufffd',
      '0',
      'null',
      '{}',
      "'; drop table",
    ];
    for (const text of odd)
      expect(
        (await staff.client.patch(organization.path, { description: text, externalId: text.slice(0, 20) })).status,
      ).toBe(200);
    expect(await verify(organization.path)).toMatchObject({ valid: true, events: 2 + odd.length });
  });
});
