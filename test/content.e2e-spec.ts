import type { Answer } from './support/client.js';
import { type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let one: Organization;
let other: Organization;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  one = await newOrganization(staff, 'One');
  other = await newOrganization(staff, 'Other');
});
afterAll(() => app.close());

const done = async (answer: Promise<Answer>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${body.detail} ${JSON.stringify(body.errors)}`);
  return body;
};
const outcome = ({ status, body }: Answer) => [status, body?.code];

const ALPHA = { title: 'Alpha', body: '# Alpha\n\nHello {{ORG_NAME}}' };

const create = (input: object = {}, path = '/admin/templates') =>
  done(staff.client.post(path, { ...ALPHA, title: `Alpha ${Math.random()}`, ...input }));

/** Waits until the events of a publication are written. */
async function published(path: string): Promise<any> {
  for (;;) {
    const view = await done(staff.client.get(`${path}/publication`));
    if (view.state !== 'publishing') return view;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function publish(path: string, version = 1): Promise<any> {
  await done(staff.client.post(`${path}/publish`, { version }));
  return published(path);
}

const eventsOf = async (organization: Organization, type: string, subjectId: string) =>
  (await done(staff.client.get(`${organization.path}/events?type=${type}&subjectId=${subjectId}`))).items;

describe.each([
  ['template', '/admin/templates'],
  ['content', '/admin/content'],
])('a %s', (kind, base) => {
  it('goes from its draft to later versions, which never change once published', async () => {
    const input = {
      title: 'Alpha',
      body: 'Hello',
      fields: [{ name: 'NOTICE', type: 'text', default: '30 days' }],
      attachments: [{ name: 'Prices', url: 'https://example.com/prices.pdf' }],
    };
    const created = await staff.client.post(base, input);
    expect(created.status).toBe(201);
    const { id } = created.body;
    const path = `${base}/${id}`;
    expect(created.body).toMatchObject({
      key: 'alpha',
      title: 'Alpha',
      body: 'Hello',
      format: 'markdown',
      fields: [{ name: 'NOTICE', type: 'text', default: '30 days', locked: false }],
      attachments: input.attachments,
      audience: { mode: 'all', organizationIds: [] },
      state: 'draft',
      version: 1,
      publishedVersion: null,
    });
    expect(outcome(await staff.client.get(`${path}/publication`))).toEqual([404, 'content.publication_not_found']);
    const stale = { headers: { 'if-match': created.body.etag } };
    expect((await staff.client.patch(path, { body: 'Hello you' }, stale)).body).toMatchObject({ body: 'Hello you' });
    expect((await staff.client.patch(path, { body: 'Lost' }, stale)).status).toBe(412);

    const started = await staff.client.post(`${path}/publish`, { version: 1 });
    expect([started.status, started.body.version]).toEqual([202, 1]);
    expect(await published(path)).toMatchObject({ state: 'published', version: 1, failed: 0 });
    expect(outcome(await staff.client.patch(path, { body: 'Changed' }))).toEqual([409, 'content.version_published']);
    expect(outcome(await staff.client.delete(path))).toEqual([409, 'content.published']);
    // What changes nothing is no change.
    expect((await staff.client.patch(path, { body: 'Hello you' })).status).toBe(200);

    const next = await staff.client.post(`${path}/versions`, { body: 'Second' });
    expect([next.status, next.body.version, next.body.state, next.body.title]).toEqual([201, 2, 'draft', 'Alpha']);
    expect(outcome(await staff.client.post(`${path}/versions`, { body: 'Third' }))).toEqual([
      409,
      'content.draft_exists',
    ]);
    expect((await staff.client.get(path)).body).toMatchObject({ state: 'draft', version: 2, publishedVersion: 1 });
    await done(staff.client.patch(path, { body: 'Second, corrected' }));
    await publish(path, 2);
    expect((await staff.client.get(path)).body).toMatchObject({ state: 'published', version: 2, publishedVersion: 2 });
    expect((await staff.client.get(`${path}/versions/1`)).body).toMatchObject({
      body: 'Hello you',
      state: 'published',
    });
    expect((await done(staff.client.get(`${path}/versions`))).items).toMatchObject([{ version: 2 }, { version: 1 }]);
    await expect(
      app.sql.query(`update content_versions set body = 'x' where item_id = $1 and number = 1`, [id]),
    ).rejects.toThrow('published versions never change');

    for (const organization of [one, other]) {
      const events = await eventsOf(organization, `${kind}.published`, id);
      expect(events.map(({ after }: any) => after.version)).toEqual([2, 1]);
      expect(events[0]).toMatchObject({ actor: { id: staff.id }, subject: { type: kind, id } });
    }
    const withdrawn = await staff.client.post(`${path}/withdraw`);
    expect(withdrawn.body).toMatchObject({ state: 'withdrawn', publishedVersion: null });
    expect((await staff.client.post(`${path}/withdraw`)).status).toBe(200);
    await publish(path, 1);
    expect((await staff.client.get(path)).body).toMatchObject({ state: 'published', version: 2, publishedVersion: 1 });
  });
});

describe('publishing', () => {
  it('twice at once begins one job, and each organization gets one event', async () => {
    const { id } = await create();
    const path = `/admin/templates/${id}`;
    const elsewhere = staff.client.at(`${replica.origin}/t/demo/api/v1`);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? staff.client : elsewhere).post(`${path}/publish`, { version: 1 }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202));
    expect(await published(path)).toMatchObject({ total: 2, done: 2, failed: 0 });
    const { rows } = await app.sql.query('select 1 from content_publications where item_id = $1', [id]);
    expect(rows).toHaveLength(1);
    expect(await eventsOf(one, 'template.published', id)).toHaveLength(1);
  });

  it('at a later time changes nothing before, and can be replaced and cancelled', async () => {
    const { id } = await create();
    const path = `/admin/templates/${id}`;
    const past = await staff.client.post(`${path}/publish`, { version: 1, at: '2020-01-01T00:00:00Z' });
    expect([past.body.code, past.body.errors[0].code]).toEqual(['validation_failed', 'not_in_future']);
    const at = '2099-01-01T00:00:00.000Z';
    expect((await staff.client.post(`${path}/publish`, { version: 1, at })).body).toMatchObject({
      state: 'scheduled',
      scheduledAt: at,
    });
    expect((await staff.client.get(path)).body).toMatchObject({ state: 'draft', scheduledAt: at });
    expect(outcome(await staff.client.patch(path, { body: 'x' }))).toEqual([409, 'content.version_scheduled']);
    expect((await staff.client.post(`${path}/publish`, { version: 1, at: '2099-02-01' })).status).toBe(202);
    expect((await staff.client.delete(`${path}/publication`)).status).toBe(204);
    expect(outcome(await staff.client.delete(`${path}/publication`))).toEqual([404, 'content.publication_not_found']);
    await done(staff.client.post(`${path}/publish`, { version: 1, at }));
    await app.sql.query(
      `update content_publications set scheduled_at = now() where item_id = $1 and state = 'scheduled'`,
      [id],
    );
    while ((await done(staff.client.get(`${path}/publication`))).state !== 'published')
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await staff.client.get(path)).body.state).toBe('published');
    expect(await eventsOf(one, 'template.published', id)).toMatchObject([{ actor: { id: staff.id } }]);
    expect(outcome(await staff.client.delete(`${path}/publication`))).toEqual([404, 'content.publication_not_found']);
  });

  it('of a document that waits is cancelled by withdrawing it', async () => {
    const { id } = await create();
    const path = `/admin/templates/${id}`;
    expect(outcome(await staff.client.post(`${path}/withdraw`))).toEqual([409, 'content.not_published']);
    await done(staff.client.post(`${path}/publish`, { version: 1, at: '2099-01-01' }));
    expect((await staff.client.post(`${path}/withdraw`)).body.state).toBe('draft');
    expect((await staff.client.get(`${path}/publication`)).body.state).toBe('cancelled');
    expect((await staff.client.delete(path)).status).toBe(204);
    expect(outcome(await staff.client.get(path))).toEqual([404, 'content.not_found']);
  });

  it('of another version waits until the one that runs is finished', async () => {
    const { id } = await create();
    const path = `/admin/templates/${id}`;
    await publish(path);
    await done(staff.client.post(`${path}/versions`, { body: 'Two' }));
    await app.sql.query(`update content_publications set state = 'publishing' where item_id = $1`, [id]);
    const lock = await app.sql.connect();
    try {
      await lock.query('begin');
      await lock.query('select 1 from content_publications where item_id = $1 for share', [id]);
      expect((await staff.client.get(path)).body.state).toBe('publishing');
    } finally {
      await lock.query('rollback');
      lock.release();
    }
  });

  it('goes on with other organizations when one fails, and tries that one again', async () => {
    const { id } = await create();
    const path = `/admin/templates/${id}`;
    await app.sql.query(`create function fail() returns trigger language plpgsql as $$ begin
      if new.organization_id = '${one.id}' and new.subject_id = '${id}' then raise exception 'planted'; end if;
      return new; end $$`);
    await app.sql.query(
      'create trigger fail before insert on organization_events for each row execute function fail()',
    );
    try {
      expect(await publish(path)).toMatchObject({ state: 'published', total: 2, done: 1, failed: 1 });
      expect(await eventsOf(other, 'template.published', id)).toHaveLength(1);
      expect(await eventsOf(one, 'job.failed', one.id)).toMatchObject([{ after: { job: 'ContentPublicationJob' } }]);
    } finally {
      await app.sql.query('drop trigger fail on organization_events');
      await app.sql.query('drop function fail()');
    }
    await app.sql.query('update job_failures set retry_at = now()');
    while ((await published(path)).failed > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await published(path)).toMatchObject({ done: 2, failed: 0 });
    expect(await eventsOf(one, 'template.published', id)).toHaveLength(1);
  });
});

describe('bad input is refused and changes nothing', () => {
  const NO_ONE = '0198f0c0-0000-7000-8000-000000000000';
  const field = { name: 'A', type: 'text' };
  it.each([
    [
      'an unknown organization',
      { audience: { mode: 'only', organizationIds: [NO_ONE] } },
      'content.unknown_organization',
    ],
    ['no organization', { audience: { mode: 'only' } }, 'validation_failed'],
    ['organizations beside all', { audience: { mode: 'all', organizationIds: [NO_ONE] } }, 'validation_failed'],
    ['two fields of one name', { fields: [field, field] }, 'validation_failed'],
    ['a default of another type', { fields: [{ ...field, default: 5 }] }, 'validation_failed'],
    ['an unknown type', { fields: [{ ...field, type: 'date' }] }, 'validation_failed'],
    ['a field like a built-in variable', { fields: [{ ...field, name: 'ORG_NAME' }] }, 'validation_failed'],
    ['a field in lower case', { fields: [{ ...field, name: 'a' }] }, 'validation_failed'],
    [
      'too many fields',
      { fields: Array.from({ length: 51 }, (_, n) => ({ ...field, name: `A${n}` })) },
      'validation_failed',
    ],
    ['a large default', { fields: [{ ...field, default: 'x'.repeat(16 * 1024 + 1) }] }, 'validation_failed'],
    ['a body that is no JSON', { format: 'json', body: '{"a": {{A}}}' }, 'content.invalid_json'],
    ['a large body', { body: 'é'.repeat(128 * 1024 + 1) }, 'validation_failed'],
    ['an empty body', { body: '' }, 'validation_failed'],
    ['NUL', { body: 'a\0b' }, 'validation_failed'],
    ['an attachment by http', { attachments: [{ name: 'A', url: 'http://example.com/a' }] }, 'validation_failed'],
    ['an attachment by javascript', { attachments: [{ name: 'A', url: 'javascript:alert(1)' }] }, 'validation_failed'],
  ])('%s', async (_, input, code) => {
    const count = async () => (await app.sql.query('select count(*) from content_items')).rows[0].count;
    const before = await count();
    const answer = await staff.client.post('/admin/content', { title: 'Bad', body: 'x', ...input });
    expect(answer.body.code).toBe(code);
    expect(answer.status).toBeLessThan(500);
    expect(await count()).toBe(before);
  });

  it('a version that does not exist', async () => {
    const { id } = await create();
    const path = `/admin/templates/${id}`;
    for (const version of [2, 2_147_483_647])
      expect(outcome(await staff.client.post(`${path}/publish`, { version }))).toEqual([
        422,
        'content.unknown_version',
      ]);
    for (const version of ['2', '0', 'x', '99999999999999999999'])
      expect(outcome(await staff.client.get(`${path}/versions/${version}`))).toEqual([
        404,
        'content.version_not_found',
      ]);
  });

  it('a key that is taken, also at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => staff.client.post('/admin/content', { ...ALPHA, key: 'taken' })),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    expect((await create({ key: 'taken' })).key).toBe('taken');
  });

  it('a template at the routes of content, and of another operator', async () => {
    const { id } = await create();
    expect(outcome(await staff.client.get(`/admin/content/${id}`))).toEqual([404, 'content.not_found']);
  });
});
