import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newMember } from '../support/tree.js';
import { type Directory, newDirectory } from './directory.js';

/* Sorting of RFC 7644, 3.4.2.3. */

let app: TestApp;
let staff: Person;
let directory: Directory;
const created: any[] = [];

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  directory = await newDirectory(app, staff, 'sorted');
  const people: [name: string, more: object][] = [
    ['delta', { externalId: 'b', displayName: 'anna', name: { familyName: 'Zander', givenName: 'Anna' } }],
    ['Alpha', { externalId: 'B', displayName: 'Zoe', name: { familyName: 'adams', givenName: 'Zoe' } }],
    ['charlie', { displayName: 'Bert', name: { familyName: 'Miller', givenName: 'Bert' } }],
    ['Bravo', { externalId: 'a', displayName: 'clara Young' }],
  ];
  for (const [name, more] of people) created.push(await directory.user(name, more));
});
afterAll(() => app.close());

/** Returns what the users, without the admin whom no directory has described, have at `path`. */
async function sorted(query: string, path: (user: any) => unknown): Promise<unknown[]> {
  const { status, body } = await directory.get(`/Users?${query}&filter=userName%20ew%20%22${directory.domain}%22`);
  if (status !== 200) throw new Error(`${query} gave ${status} ${body.detail}`);
  return body.Resources.map(path);
}

const namesOf = (user: any) => user.userName.split('@')[0];

it('sorts users by what providers sort by, ignoring case unless it matters', async () => {
  expect(await sorted('sortBy=userName', namesOf)).toEqual(['Alpha', 'Bravo', 'charlie', 'delta']);
  expect(await sorted('sortBy=USERNAME&sortOrder=Descending', namesOf)).toEqual(['delta', 'charlie', 'Bravo', 'Alpha']);
  expect(await sorted('sortBy=displayName', ({ displayName }) => displayName)).toEqual([
    'anna',
    'Bert',
    'clara Young',
    'Zoe',
  ]);
  // A family name that is not sent is the last word of the name, in the response and in the order.
  const families = await sorted('sortBy=name.familyName', ({ name }) => name.familyName);
  expect(families).toEqual(['adams', 'Miller', 'Young', 'Zander']);
  const urn = encodeURIComponent('urn:ietf:params:scim:schemas:core:2.0:User:name.givenName');
  expect(await sorted(`sortBy=${urn}`, ({ name }) => name.givenName)).toEqual(['Anna', 'Bert', 'clara', 'Zoe']);
  const byTime = created.map(namesOf);
  expect(await sorted('sortBy=meta.created', namesOf)).toEqual(byTime);
  expect(await sorted('sortBy=meta.lastModified&sortOrder=descending', namesOf)).toEqual(byTime.toReversed());
  const ids: string[] = created.map(({ id }) => id);
  ids.sort();
  expect(await sorted('sortBy=id&sortOrder=descending', ({ id }) => id)).toEqual(ids.toReversed());
  // Without a value: last, and first when descending.
  const externalIds = await sorted('sortBy=externalId', ({ externalId }) => externalId);
  expect(externalIds[3]).toBeUndefined();
  expect(new Set(externalIds)).toEqual(new Set(['B', 'a', 'b', undefined]));
  const reversed = await sorted('sortBy=externalId&sortOrder=descending', ({ externalId }) => externalId);
  expect(reversed).toEqual(externalIds.toReversed());
});

it('filters by the names that it shows', async () => {
  // No directory has described this member.
  const member = await newMember(app, staff, directory.organization, 'user', 'grace');
  await app.sql.query(`update users set name = 'Grace Brewster Hopper' where id = $1`, [member.id]);
  for (const filter of ['name.familyName eq "Hopper"', 'name.givenName eq "grace brewster"']) {
    const { body } = await directory.get(`/Users?filter=${encodeURIComponent(filter)}`);
    expect([filter, body.Resources.map(({ id }: any) => id)]).toEqual([filter, [member.id]]);
  }
  const formatted = await directory.get(`/Users?filter=${encodeURIComponent('name.formatted eq "Bert Miller"')}`);
  expect(formatted.body.totalResults).toBe(0);
  const shown = await directory.get(`/Users?filter=${encodeURIComponent('name.formatted eq "bert"')}`);
  expect(shown.body.Resources.map(({ name }: any) => name.formatted)).toEqual(['Bert']);
});

it('keeps the order over pages, also of equal values', async () => {
  const all: string[] = [];
  const query = '/Users?sortBy=userType&attributes=userName&count=2';
  const { totalResults } = (await directory.get(query)).body;
  for (let startIndex = 1; startIndex <= totalResults; startIndex += 2)
    all.push(...(await directory.get(`${query}&startIndex=${startIndex}`)).body.Resources.map(({ id }: any) => id));
  expect([all.length, new Set(all).size]).toEqual([totalResults, totalResults]);
  expect(all).toEqual([...all].sort());
});

it('sorts groups', async () => {
  for (const name of ['ops', 'Engineering', 'sales']) await directory.group(name);
  const teams = await newDirectory(app, staff, 'teams');
  for (const name of ['Zulu', 'Team 10', 'team 2', 'Équipe']) await teams.group(name);
  const inOrder = (await teams.get('/Groups?sortBy=displayName')).body.Resources;
  expect(inOrder.map(({ displayName }: any) => displayName)).toEqual(['Équipe', 'team 2', 'Team 10', 'Zulu']);
  const names = async (query: string) =>
    (await directory.get(`/Groups?${query}`)).body.Resources.map(({ displayName }: any) => displayName);
  expect(await names('sortBy=displayName')).toEqual(['Engineering', 'ops', 'sales']);
  expect(await names('sortBy=displayName&sortOrder=descending')).toEqual(['sales', 'ops', 'Engineering']);
  expect(await names('sortBy=meta.created&sortOrder=descending')).toEqual(['sales', 'Engineering', 'ops']);
  expect(await names('sortBy=&sortOrder=')).toHaveLength(3);
});

it.each([
  ['sortBy=password'],
  ['sortBy=name'],
  ['sortBy=emails'],
  ['sortBy=constructor'],
  ['sortBy=__proto__'],
  ["sortBy=id;'--"],
  [`sortBy=${'x'.repeat(300)}`],
  ['sortBy=id%00'],
  ['sortBy=userName&sortBy=id'],
  ['sortOrder=up'],
  ['sortBy=userName&sortOrder=descending&sortOrder=ascending'],
])('refuses %s', async (query) => {
  for (const path of ['/Users', '/Groups']) {
    const { status, body } = await directory.get(`${path}?${query}`);
    expect([path, status, body.code, body.scimType]).toEqual([path, 400, 'scim.invalid_value', 'invalidValue']);
    expect(body.detail.length).toBeLessThan(300);
  }
});
