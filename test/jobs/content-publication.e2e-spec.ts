import { ContentPublicationJob } from '../../src/content/publishing/publication.job.js';
import { DeliveryService } from '../../src/content/index.js';
import { Lifeline } from '../support/lifeline.js';
import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

const ORGANIZATIONS = 300;

let app: TestApp;
let line: Lifeline;
let doomed: TestServer;
let other: TestServer;
let staff: Person;
let first: Organization;

beforeAll(async () => {
  app = await startTestApp();
  line = await Lifeline.open(app.databaseUrl);
  doomed = await app.replica({}, line.url);
  other = await app.replica();
  staff = await signInAdmin(app);
  // The test decides which server works.
  for (const server of [app, doomed, other]) await server.app.get(ContentPublicationJob).onModuleDestroy();
  first = await newOrganization(staff, 'First');
  await app.sql.query(
    `insert into organizations (id, operator_id, slug, name, created_at)
     select uuidv7(), operator_id, 'many-' || n, 'Many ' || n, now() from organizations, generate_series(2, $2::int) n where id = $1`,
    [first.id, ORGANIZATIONS],
  );
});
afterAll(async () => {
  await app.close();
  line.close();
});

const writeOn = ({ app: server }: TestServer) => server.get(DeliveryService).writeBatch();
const numberOf = async (sql: string, ...parameters: unknown[]): Promise<number> =>
  Number((await app.sql.query(sql, parameters)).rows[0].count);
const eventsOf = (id: string) =>
  numberOf(`select count(*) from organization_events where subject_id = $1 and type = 'content.published'`, id);

/** Publishes a content item to all organizations, without writing any event. */
async function begin(): Promise<string> {
  const { body } = await staff.client.post('/admin/content', { title: 'Notice', body: 'Hello' });
  await staff.client.post(`/admin/content/${body.id}/publish`, { version: 1 });
  return body.id;
}

/** Works as the job does at its times. PostgreSQL takes a moment to notice that a server was killed. */
async function finish(server: TestServer): Promise<void> {
  const running = () => numberOf(`select count(*) from content_publications where state = 'publishing'`);
  while ((await running()) > 0) await writeOn(server);
}

it('a server that is killed at any step leaves the rest to the other one, and no organization gets two events', async () => {
  let isAlive = false;
  let steps = 0;
  for (let step = 0; !isAlive; step++)
    for (const delivered of [false, true]) {
      const id = await begin();
      line.killAt({ marker: 'for update skip locked', step, delivered });
      await writeOn(doomed).catch(() => undefined);
      isAlive = !line.dead;
      line.revive();
      await finish(other);
      const { body } = await staff.client.get(`/admin/content/${id}/publication`);
      expect({ step, delivered, ...body }).toMatchObject({ state: 'published', done: ORGANIZATIONS, failed: 0 });
      expect(await eventsOf(id)).toBe(ORGANIZATIONS);
      expect(
        await numberOf(
          `select count(*) from (select organization_id from organization_events where subject_id = $1
             and type = 'content.published' group by organization_id) o`,
          id,
        ),
      ).toBe(ORGANIZATIONS);
      steps++;
    }
  expect(steps).toBeGreaterThan(8);
  const { body } = await staff.client.get(`${first.path}/events/verify`);
  expect(body).toMatchObject({ valid: true });
});

it('both servers at once write each event once, also when two documents are published', async () => {
  const ids = [await begin(), await begin()];
  await Promise.all([app, other, app, other].map(finish));
  for (const id of ids) expect(await eventsOf(id)).toBe(ORGANIZATIONS);
});

it('an organization counts what is being published to it, until its event is written', async () => {
  const impact = async () => (await staff.client.get(`${first.path}/impact`)).body.publishingContent;
  const id = await begin();
  expect(await impact()).toBe(1);
  await finish(app);
  expect(await impact()).toBe(0);
  const except = { audience: { mode: 'except', organizationIds: [first.id] } };
  const { body } = await staff.client.post('/admin/content', { title: 'Others', body: 'Hello', ...except });
  await staff.client.post(`/admin/content/${body.id}/publish`, { version: 1 });
  expect(await impact()).toBe(0);
  await finish(app);
  expect(await eventsOf(id)).toBe(ORGANIZATIONS);
});

it('organizations that are deleted, suspended or created meanwhile are no obstacle', async () => {
  const id = await begin();
  await app.sql.query(`update organizations set deleted_at = now() where slug = 'many-300'`);
  await app.sql.query(`update organizations set suspended_at = now() where slug = 'many-299'`);
  const later = await newOrganization(staff, 'Later');
  expect((await staff.client.get(`/organizations/${later.id}/content/${id}`)).status).toBe(200);
  await finish(app);
  const { body } = await staff.client.get(`/admin/content/${id}/publication`);
  expect(body).toMatchObject({ state: 'published', failed: 0 });
  const told = async (slug: string) =>
    numberOf(
      `select count(*) from organization_events e join organizations o on o.id = e.organization_id
       where o.slug = $1 and e.subject_id = $2`,
      slug,
      id,
    );
  expect([await told('many-300'), await told('many-299'), await told('first')]).toEqual([0, 1, 1]);
});

it('a withdrawal in the middle ends the publication', async () => {
  const id = await begin();
  await writeOn(app);
  const written = await eventsOf(id);
  await staff.client.post(`/admin/content/${id}/withdraw`);
  await finish(app);
  expect(await eventsOf(id)).toBe(written);
  expect((await staff.client.get(`/admin/content/${id}/publication`)).body.state).toBe('cancelled');
});
