import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { type Directory, GROUP, MESSAGES, newDirectory, USER } from './directory.js';

/* What Okta does before it lists an integration, and what it sends afterwards: an import, pushed users and pushed groups. */

/** Okta sends these with every request, also with those that have no body. */
const HEADERS = {
  'accept-charset': 'utf-8',
  'content-type': 'application/scim+json; charset=utf-8',
  accept: 'application/scim+json',
  'user-agent': 'OKTA SCIM Integration',
};

let app: TestApp;
let staff: Person;
let okta: Directory;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  okta = await newDirectory(app, staff, 'okta');
});
afterAll(() => app.close());

const get = (path: string) => okta.send('GET', path, undefined, HEADERS);
const byName = (userName: string) => `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`;

it('reads one user and the user by id, each with all that it needs', async () => {
  const { status, body } = await get('/Users?count=1&startIndex=1');
  expect([status, body.schemas]).toEqual([200, [`${MESSAGES}:ListResponse`]]);
  for (const member of ['itemsPerPage', 'startIndex', 'totalResults']) expect(body[member]).toEqual(expect.any(Number));
  const [first] = body.Resources;
  const needed = {
    id: expect.stringMatching(/./),
    userName: expect.stringMatching(/./),
    active: true,
    name: { givenName: expect.stringMatching(/./), familyName: expect.stringMatching(/./) },
    emails: [{ value: expect.stringMatching(/@/) }],
  };
  expect(first).toMatchObject(needed);
  expect((await get(`/Users/${first.id}`)).body).toMatchObject({ ...needed, id: first.id });
});

it('finds no user that does not exist, by name or id', async () => {
  expect((await get(byName(`nobody@${okta.domain}`))).body).toMatchObject({
    schemas: [`${MESSAGES}:ListResponse`],
    totalResults: 0,
    Resources: [],
  });
  for (const id of ['010101001010101011001010101011', '00919288221112222', 'x@y'])
    expect((await get(`/Users/${id}`)).body).toMatchObject({
      schemas: [`${MESSAGES}:Error`],
      status: '404',
      detail: expect.stringMatching(/./),
    });
});

it('creates a user as plain JSON, once, and finds them in another case', async () => {
  const userName = `new.user@${okta.domain}`;
  const user = {
    schemas: [USER],
    userName,
    name: { givenName: 'New', familyName: 'User' },
    emails: [{ primary: true, value: userName, type: 'work' }],
    displayName: 'New User',
    active: true,
  };
  const create = () =>
    okta.send('POST', '/Users', user, {
      'content-type': 'application/json',
      accept: 'application/scim+json; charset=utf-8',
    });
  const made = await create();
  expect(made).toMatchObject({ status: 201, body: { ...user, id: expect.any(String) } });
  expect((await get(`/Users/${made.body.id}`)).body).toEqual(made.body);
  expect((await create()).status).toBe(409);
  expect((await get(byName(userName.toUpperCase()))).body.Resources).toMatchObject([{ id: made.body.id }]);
});

it('is told who is not authorized as RFC 7644 says', async () => {
  const response = await fetch(`${okta.base}${byName('x')}`, { headers: { ...HEADERS, authorization: 'non-token' } });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({
    schemas: [`${MESSAGES}:Error`],
    status: '401',
    detail: expect.stringMatching(/./),
  });
});

it('imports all users page by page', async () => {
  for (let n = 0; n < 5; n++) await okta.user(`import-${n}`);
  const ids: string[] = [];
  let total = 1;
  for (let startIndex = 1; startIndex <= total; startIndex += 2) {
    const { body } = await get(`/Users?startIndex=${startIndex}&count=2`);
    total = body.totalResults;
    ids.push(...body.Resources.map(({ id }: any) => id));
  }
  expect([ids.length, new Set(ids).size]).toEqual([total, total]);
});

it('updates a user by sending back what it read, deactivates and reactivates them', async () => {
  const made = await okta.user('pushed', {
    name: { givenName: 'Riley', familyName: 'Push' },
    password: 'N3verSt0red!',
  });
  const path = `/Users/${made.id}`;
  const read = (await get(path)).body;
  const put = await okta.send('PUT', path, { ...read, name: { ...read.name, givenName: 'Rileyupdate' } }, HEADERS);
  expect(put).toMatchObject({
    status: 200,
    body: { id: made.id, name: { givenName: 'Rileyupdate', familyName: 'Push' } },
  });
  for (const active of [false, true, false]) {
    const answer = await okta.patch(path, { op: 'replace', value: { active } });
    expect([answer.status, answer.body.active]).toEqual([200, active]);
    expect((await get(path)).body.active).toBe(active);
    // A deactivated user is found, so that Okta assigns the same one again.
    expect((await get(byName(made.userName))).body).toMatchObject({ totalResults: 1, Resources: [{ active }] });
  }
});

it('pushes groups: by name, with members and under a new name', async () => {
  const [one, two, three] = [await okta.user('one'), await okta.user('two'), await okta.user('three')];
  const found = await get(`/Groups?filter=${encodeURIComponent('displayName eq "Pushed"')}&startIndex=1&count=100`);
  expect(found.body.totalResults).toBe(0);
  const { id } = await okta.group('Pushed');
  const path = `/Groups/${id}`;
  const member = ({ id: value, userName: display }: any) => ({ value, display });
  const members = async () => new Set((await get(path)).body.members.map(({ value }: any) => value));
  await okta.patch(path, { op: 'replace', value: { id, displayName: 'Pushed again' } });
  await okta.patch(path, { op: 'add', path: 'members', value: [member(one), member(two)] });
  expect(await members()).toEqual(new Set([one.id, two.id]));
  await okta.patch(
    path,
    { op: 'remove', path: `members[value eq "${one.id}"]` },
    { op: 'add', path: 'members', value: [member(three)] },
  );
  expect(await members()).toEqual(new Set([two.id, three.id]));
  await okta.patch(path, { op: 'replace', path: 'members', value: [member(one)] });
  expect(await members()).toEqual(new Set([one.id]));
  await okta.send('PUT', path, { schemas: [GROUP], id, displayName: 'Pushed', members: [member(two)] }, HEADERS);
  expect([(await get(path)).body.displayName, await members()]).toEqual(['Pushed', new Set([two.id])]);
  expect((await okta.send('DELETE', path, undefined, HEADERS)).status).toBe(204);
  expect((await get(path)).status).toBe(404);
});
