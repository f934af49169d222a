import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import pg from 'pg';
import { EventAnchorJob, EventVerificationService } from '../../src/events/index.js';
import { Metrics } from '../../src/common/metrics/index.js';
import { mailsTo, PASSWORD, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const verify = async (one: Organization) => (await staff.client.get(`${one.path}/events/verify`)).body;

/** An organization whose log has ten events, written through two servers. */
async function newLog(name: string): Promise<Organization> {
  const one = await newOrganization(staff, name);
  const other = staff.client.at(`${second.origin}/t/demo/api/v1`);
  await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      (index % 2 ? other : staff.client).patch(one.path, { description: `${index}` }),
    ),
  );
  expect(await verify(one)).toMatchObject({ valid: true, events: 10, problem: null });
  return one;
}

/** Changes rows as an attacker who owns the tables. */
async function asOwner(statement: string, parameters: unknown[]): Promise<void> {
  await app.sql.query('alter table organization_events disable trigger user');
  await app.sql.query(statement, parameters);
  await app.sql.query('alter table organization_events enable trigger user');
}

/** Computes all hashes and the end again, which needs no key. */
async function rechain({ id }: Organization): Promise<void> {
  const { rows } = await app.sql.query('select * from organization_events where organization_id = $1 order by seq', [
    id,
  ]);
  let hash = `organization:${id}`;
  for (const [index, row] of rows.entries()) {
    const seq = String(index + 1);
    const content = [
      seq,
      row.id,
      row.occurred_at.toISOString(),
      row.type,
      row.actor_type,
      row.actor_id,
      row.subject_type,
      row.subject_id,
      row.before,
      row.after,
      row.request_id,
      row.ip,
    ];
    hash = createHash('sha256')
      .update(`${hash}\n${canonicalize(content)}`)
      .digest('hex');
    await asOwner('update organization_events set seq = $3, hash = $4 where organization_id = $1 and seq = $2', [
      id,
      row.seq,
      seq,
      hash,
    ]);
  }
  await app.sql.query('update organization_event_chains set seq = $2, hash = $3 where organization_id = $1', [
    id,
    rows.length,
    hash,
  ]);
}

describe('an attacker who can write to the database and computes all hashes again', () => {
  it.each([
    [
      'changes an event',
      `update organization_events set after = '{"description": "x"}' where organization_id = $1 and seq = 5`,
      5,
    ],
    ['deletes an event', 'delete from organization_events where organization_id = $1 and seq = 5', 5],
    [
      'swaps two events',
      `update organization_events set seq = case seq when 5 then -6 else -5 end where organization_id = $1 and seq in (5, 6)`,
      5,
    ],
    [
      'inserts an event',
      `insert into organization_events select (jsonb_populate_record(e, '{"seq": 11, "id": "01900000-0000-7000-8000-000000000001"}')).*
       from organization_events e where organization_id = $1 and seq = 10`,
      11,
    ],
  ])('is found when they: %s', async (_, statement, first) => {
    const one = await newLog('Forged');
    await asOwner(statement, [one.id]);
    await asOwner('update organization_events set seq = -seq where organization_id = $1 and seq < 0', [one.id]);
    await rechain(one);
    expect(await verify(one)).toMatchObject({ valid: false, firstInvalidSeq: first, problem: 'event_not_signed' });
  });

  it('is found when they claim that the events are older than signatures', async () => {
    const one = await newLog('Aged');
    await asOwner(`update organization_events set after = '{}', signature = null where organization_id = $1`, [one.id]);
    await rechain(one);
    for (const set of ['signed_from = 11', 'signed_from = null, start_signature = null']) {
      await app.sql.query(`update organization_event_chains set ${set} where organization_id = $1`, [one.id]);
      expect(await verify(one)).toMatchObject({ valid: false, problem: 'start_changed' });
    }
  });

  it('is found when they copy a signed event of another organization', async () => {
    const [one, other] = [await newLog('Copied to'), await newLog('Copied from')];
    await asOwner(
      `update organization_events e set type = o.type, before = o.before, after = o.after, signature = o.signature
       from organization_events o where e.organization_id = $1 and o.organization_id = $2 and e.seq = 7 and o.seq = 7`,
      [one.id, other.id],
    );
    await rechain(one);
    expect(await verify(one)).toMatchObject({ valid: false, firstInvalidSeq: 7 });
  });
});

describe('anchors', () => {
  const cut = async (one: Organization) => {
    await asOwner('delete from organization_events where organization_id = $1 and seq > 6', [one.id]);
    await app.sql.query(
      `update organization_event_chains c set seq = 6, hash = e.hash from organization_events e
       where c.organization_id = $1 and e.organization_id = $1 and e.seq = 6`,
      [one.id],
    );
  };

  it('show that the end was cut: in the check, and in the next run of the job', async () => {
    const one = await newLog('Cut');
    const results = await Promise.all([app, second].map(({ app: server }) => server.get(EventAnchorJob).run()));
    expect(results.map(({ broken }) => broken)).toEqual([0, 0]);
    expect(await verify(one)).toMatchObject({ valid: true, anchoredSeq: 10 });
    const { rows } = await app.sql.query(
      'select anchored_hash as hash from organization_event_chains where organization_id = $1',
      [one.id],
    );
    await cut(one);
    expect(await verify(one)).toMatchObject({ valid: false, problem: 'end_cut', firstInvalidSeq: 7, anchoredSeq: 10 });
    expect(await app.app.get(EventAnchorJob).run()).toMatchObject({ broken: 1 });
    expect(await app.app.get(Metrics).text()).toContain('trellis_audit_broken_streams 1');
    // They remove the anchor from the database, too. The line in the log of the platform still names the event.
    await app.sql.query(
      `update organization_event_chains set anchored_seq = null, anchored_hash = null, anchor_signature = null where organization_id = $1`,
      [one.id],
    );
    expect(await verify(one)).toMatchObject({ valid: true });
    const holds = app.app
      .get(EventVerificationService)
      .holdsAnchor({ kind: 'organization', id: one.id }, '10', rows[0].hash);
    expect(await holds).toBe(false);
    // New events over the cut do not hide it.
    for (let index = 0; index < 6; index++) await staff.client.patch(one.path, { description: `new ${index}` });
    const again = app.app
      .get(EventVerificationService)
      .holdsAnchor({ kind: 'organization', id: one.id }, '10', rows[0].hash);
    expect(await again).toBe(false);
  });

  it('cannot be moved without the key', async () => {
    const one = await newLog('Moved');
    await app.app.get(EventAnchorJob).run();
    await cut(one);
    await app.sql.query(
      'update organization_event_chains set anchored_seq = seq, anchored_hash = hash where organization_id = $1',
      [one.id],
    );
    expect(await verify(one)).toMatchObject({ valid: false, problem: 'anchor_changed' });
  });
});

describe('the end of a stream', () => {
  /** Statements of each connection while it holds a lock on the end of a stream, from the lock to the commit. */
  async function heldDuring(work: () => Promise<unknown>): Promise<number[]> {
    const held: number[] = [];
    const open = new WeakMap<object, number>();
    // oxlint-disable-next-line typescript/unbound-method -- called with the connection as `this` below.
    const original = pg.Client.prototype.query;
    pg.Client.prototype.query = function (this: pg.Client, ...args: any[]) {
      const text = String(args[0]?.text ?? args[0]);
      const count = open.get(this);
      if (count !== undefined) open.set(this, count + 1);
      else if (/event_chains as c/.test(text)) open.set(this, 0);
      if (open.has(this) && /^\s*(commit|rollback)\b|;\s*commit$/i.test(text)) {
        held.push(open.get(this) ?? 0);
        open.delete(this);
      }
      return (original as (...all: any[]) => any).apply(this, args);
    } as typeof original;
    try {
      await work();
    } finally {
      pg.Client.prototype.query = original;
    }
    return held;
  }

  it('is locked for one round trip, whatever the transaction does', async () => {
    const one = await newOrganization(staff, 'Accepted');
    const email = 'guest@audit.example';
    expect((await staff.client.post(`${one.path}/invitations`, { email, role: 'user' })).status).toBe(201);
    const [mail] = await mailsTo(app, email);
    const token = /\/invitations\/(tri_[\w-]+)/.exec(mail?.text ?? '')?.[1];
    const held = await heldDuring(async () => {
      const { status } = await app
        .client()
        .post(`/auth/invitations/${token}/accept`, { name: 'Guest', password: PASSWORD });
      expect(status).toBe(200);
    });
    expect(held.length).toBeGreaterThan(0);
    expect(new Set(held)).toEqual(new Set([1]));
  });

  it('is locked in one order by transactions that write to several', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, (_, index) => newOrganization(staff, `Ordered ${index}`)));
    const answers = await Promise.all(
      all.flatMap((one) =>
        Array.from({ length: 5 }, (_, index) => staff.client.patch(one.path, { description: `${index}` })),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const one of all) expect(await verify(one)).toMatchObject({ valid: true });
  });
});
