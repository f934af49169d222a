import { Logger } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { UsageRollupJob } from '../../src/billing/ledger/usage/usage-rollup.job.js';
import { Metrics } from '../../src/common/metrics/index.js';
import { ScheduledJob } from '../../src/common/schedule/index.js';
import { charge, grant } from '../support/credits.js';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let staff: Person;
let user: Person;
let failing: Organization;
let other: Organization;

beforeAll(async () => {
  Logger.overrideLogger(false);
  app = await startTestApp();
  staff = await signInAdmin(app);
  user = await newPerson(app, 'job-user');
  failing = await newOrganization(staff, 'Failing');
  other = await newOrganization(staff, 'Other');
  for (const one of [failing, other]) await staff.client.post(`${one.path}/members`, { userId: user.id, role: 'user' });
});
afterAll(() => app.close());

type Method = (...parameters: any[]) => unknown;
type Parts = Record<string, Record<string, Method>>;

/**
 * Says where a job finds what is due, and what it does for each. The paths are `part.method` of the job. `work` returns the
 * item from the parameters of the method.
 */
interface Plan {
  /** What is found: `id` of an organization by default. */
  due?: string;
  found?: (id: string) => unknown;
  /** Other queries, which find nothing. */
  none?: string[];
  does: string;
  item: (...parameters: any[]) => unknown;
  returns?: unknown;
}

const key = (id: string) => ({ id, organizationId: id });
const first = (id: unknown) => id;
const second = (_: unknown, id: unknown) => id;
const idOfSecond = (_: unknown, { id }: { id: string }) => id;

/** Every job has its plan here. Without one, the first test fails. */
const PLANS: Record<string, Plan | 'one task' | 'steps'> = {
  BalanceThresholdJob: {
    due: 'store.findDue',
    none: ['alertStore.findCrossed'],
    does: 'autoTopUps.trigger',
    item: first,
  },
  ContentPublicationJob: {
    due: 'deliveries.findFailed',
    found: key,
    none: ['store.findDue'],
    does: 'deliveries.retry',
    item: ({ id }) => id,
  },
  DeliveryRetentionJob: 'one task',
  DomainRecheckJob: { due: 'store.findDue', found: key, does: 'domains.isProved', item: ({ id }) => id, returns: null },
  EventAnchorJob: {
    due: 'store.notAnchored',
    found: (id) => ({ id, anchoredSeq: null, anchoredHash: null, seq: '1', hash: 'x' }),
    does: 'store.anchor',
    item: idOfSecond,
    returns: false,
  },
  HoldExpiryJob: { due: 'store.findDue', does: 'commit.submit', item: first },
  PaymentComparisonJob: { due: 'store.findPaidBack', found: key, does: 'store.find', item: idOfSecond, returns: null },
  PaymentReconciliationJob: {
    due: 'store.findDue',
    found: key,
    does: 'store.claimDue',
    item: idOfSecond,
    returns: null,
  },
  RefusedAttemptJob: { due: 'store.findEnded', does: 'store.takeEnded', item: second, returns: [] },
  RunJob: { due: 'store.findDue', does: 'settlement.settleDue', item: first, returns: false },
  ScheduledGrantJob: { due: 'grants.findDue', found: key, does: 'grants.execute', item: ({ id }) => id },
  SubscriptionJob: { due: 'subscriptions.findDue', does: 'subscriptions.renew', item: first },
  TimeBasedAlertJob: { due: 'store.findTimeBased', does: 'alerts.checkTimeBased', item: first },
  UsageRollupJob: { due: 'store.findBehind', does: 'store.fold', item: second, returns: false },
  VerificationJob: { due: 'store.findChangedSince', does: 'proofs.check', item: second, returns: { checks: [] } },
  // Sweeps that belong to no organization, each on its own.
  AuthCleanupJob: 'steps',
  IdempotencyCleanupJob: 'one task',
  // Its own tests break it: test/sample-data.e2e-spec.ts.
  SampleDataJob: 'one task',
  // Has a test of its own below, because the operator is told.
  PurgeJob: 'one task',
  // The endpoints have turns of their own (test/webhooks).
  WebhookFanOutJob: 'one task',
};

function jobsOf({ app: server }: TestApp): Map<string, ScheduledJob> {
  const jobs = new Map<string, ScheduledJob>();
  for (const module of server.get(ModulesContainer).values()) {
    for (const { instance } of module.providers.values()) {
      if (instance instanceof ScheduledJob) jobs.set(instance.constructor.name, instance);
    }
  }
  return jobs;
}

/** Replaces a method of a part of the job. Returns what puts it back. */
function plant(job: ScheduledJob, path: string, replacement: Method): () => void {
  const [part = '', method = ''] = path.split('.');
  const target = (job as unknown as Parts)[part];
  if (typeof target?.[method] !== 'function') throw new Error(`${job.constructor.name} has no ${path}`);
  target[method] = replacement;
  return () => {
    delete target[method];
  };
}

const failuresOf = async (job: string, id: string) => {
  const { rows } = await app.sql.query(
    'select failures, retry_at > now() as waits from job_failures where job = $1 and id = $2',
    [job, id],
  );
  return rows[0] ?? null;
};

it('has a plan here for every scheduled job there is', () => {
  expect([...jobsOf(app).keys()].sort()).toEqual(Object.keys(PLANS).sort());
});

it.each(Object.entries(PLANS).filter((entry): entry is [string, Plan] => typeof entry[1] === 'object'))(
  '%s goes on with the next organization, and lets the failing one wait',
  async (name, { due, found = first, none = [], does, item, returns }) => {
    const job = jobsOf(app).get(name);
    if (!job || !due) throw new Error(`no ${name}`);
    let broken = true;
    const done: unknown[] = [];
    let finds = 0;
    const restore = [
      plant(job, due, () => Promise.resolve(finds++ === 0 ? [failing.id, other.id].map(found) : [])),
      ...none.map((path) => plant(job, path, () => Promise.resolve([]))),
      plant(job, does, (...parameters) => {
        const id = item(...parameters);
        if (broken && id === failing.id) return Promise.reject(new Error('planted'));
        done.push(id);
        return Promise.resolve(returns);
      }),
    ];
    const again = async () => {
      finds = 0;
      await job.run();
    };
    try {
      await again();
      expect(done).toContain(other.id);
      expect(done).not.toContain(failing.id);
      expect(await failuresOf(name, failing.id)).toEqual({ failures: 1, waits: true });
      await again();
      expect(await failuresOf(name, failing.id)).toMatchObject({ failures: 2 });
      expect(await failuresOf(name, other.id)).toBeNull();
      const { body } = await staff.client.get(`/admin/organizations/${failing.id}/events?type=job.failed`);
      expect(body.items.filter(({ after }: any) => after.job === name)).toHaveLength(1);
      expect(await app.app.get(Metrics).text()).toContain(`trellis_job_failing{task="${name}"} 1`);
      broken = false;
      await again();
      expect(done).toContain(failing.id);
      expect(await failuresOf(name, failing.id)).toBeNull();
    } finally {
      for (const put of restore) put();
    }
  },
);

it('PurgeJob goes on with the next organization, and tells the operator once', async () => {
  const job = jobsOf(app).get('PurgeJob');
  if (!job) throw new Error('no PurgeJob');
  const { purge } = job as unknown as { purge: ScheduledJob };
  const { rows } = await app.sql.query('select operator_id from organizations where id = $1', [failing.id]);
  const due = ({ id }: Organization) => ({
    kind: 'organization',
    id,
    organizationId: id,
    operatorId: rows[0].operator_id,
  });
  const tried: unknown[] = [];
  const restore = [
    plant(purge, 'store.findDue', (_, kind, __, ___, except: any) =>
      Promise.resolve(kind === 'unit' ? [] : [failing, other].map(due).filter(({ id }) => !except.includes(id))),
    ),
    plant(purge, 'steps.start', ({ id }: any) => {
      tried.push(id);
      return id === failing.id ? Promise.reject(new Error('planted')) : Promise.resolve(false);
    }),
  ];
  await job.run();
  await job.run();
  for (const put of restore) put();
  expect(tried).toEqual([failing.id, other.id, failing.id, other.id]);
  expect(await failuresOf('PurgeJob', failing.id)).toEqual({ failures: 2, waits: true });
  const { body } = await staff.client.get('/admin/operator/events?type=job.failed');
  const told = body.items.filter(({ after }: any) => after.job === 'PurgeJob');
  expect(told).toMatchObject([{ subject: { id: failing.id }, after: { item: failing.id } }]);
});

it('sweeps what is old although one sweep fails', async () => {
  const job = jobsOf(app).get('AuthCleanupJob');
  if (!job) throw new Error('no job');
  let swept = 0;
  const restore = [
    plant(job, 'tokens.sweep', () => Promise.reject(new Error('planted'))),
    plant(job, 'deviceLogins.sweep', () => Promise.resolve(++swept && 0)),
  ];
  await job.run();
  for (const put of restore) put();
  expect([swept, (await failuresOf('AuthCleanupJob', 'one-time tokens'))?.failures]).toEqual([1, 1]);
});

it('many that fail do not keep others from their turn', async () => {
  const job = app.app.get(UsageRollupJob);
  await grant(staff, failing, '5');
  await grant(staff, other, '5');
  await charge(user, other, { amount: '1' });
  await job.run();
  const store = (job as unknown as { store: { findBehind(reader: unknown, limit: number): Promise<string[]> } }).store;
  const { db } = job as unknown as { db: { reader: unknown } };
  await app.sql.query(`update credit_rollups set seq = 0`);
  await app.sql.query(
    `insert into job_failures (job, id, error, retry_at) select 'UsageRollupJob', $1, '', now() + interval '1 minute'
     union all select 'UsageRollupJob', gen_random_uuid()::text, '', now() + interval '1 minute' from generate_series(1, 500)`,
    [failing.id],
  );
  expect(await store.findBehind(db.reader, 1_000)).not.toContain(failing.id);
  expect(await store.findBehind(db.reader, 1_000)).toContain(other.id);
  await app.sql.query(`update job_failures set retry_at = now()`);
  expect(await store.findBehind(db.reader, 1_000)).toContain(failing.id);
});
