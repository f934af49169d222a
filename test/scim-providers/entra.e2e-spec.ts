import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { type Directory, ENTERPRISE, GROUP, newDirectory, USER } from './directory.js';

/* What Entra ID sends, with its capitals, texts for booleans and gaps, and what its validator checks. */

let app: TestApp;
let staff: Person;
let entra: Directory;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  entra = await newDirectory(app, staff, 'entra');
});
afterAll(() => app.close());

const found = async (filter: string, more = ''): Promise<any> =>
  (await entra.get(`/Users?filter=${encodeURIComponent(filter)}${more}`)).body;
const namesIn = ({ Resources }: any): string[] => Resources.map(({ userName }: any) => userName.split('@')[0]);

/** Builds a user as the directory has them: with nulls for what is not set, and its own metadata. */
const person = (name: string, more: object = {}): Record<string, any> => ({
  ...entra.person(name),
  externalId: `external-${name}`,
  displayName: `Person ${name}`,
  name: { formatted: null, familyName: 'Employee', givenName: name, honorificPrefix: null },
  emails: [
    { type: 'work', Primary: true, value: `${name}@${entra.domain}` },
    { type: 'other', Primary: false, value: `${name}@private.example` },
  ],
  addresses: [{ type: 'work', primary: false, country: null, locality: null, formatted: `1 Road\nof ${name}` }],
  phoneNumbers: [{ type: 'fax', primary: false, value: '312-320-0500' }],
  roles: [],
  meta: { created: '2019-09-18T18:15:26.5788954+00:00', resourceType: 'User' },
  ...more,
});

it('creates users with capitals, nulls and texts for booleans', async () => {
  const made = await entra.post('/Users', person('emp', { active: 'True' }));
  expect(made).toMatchObject({
    status: 201,
    body: {
      active: true,
      emails: [{ type: 'work', primary: true, value: `emp@${entra.domain}` }, { type: 'other' }],
      addresses: [{ type: 'work', formatted: '1 Road\nof emp' }],
      name: { familyName: 'Employee', givenName: 'emp' },
    },
  });
  expect(made.body.addresses[0]).not.toHaveProperty('country');
  expect(made.body.meta.created).not.toMatch(/^2019/);
  const enterprise = await entra.post('/Users', {
    ...person('enterprise'),
    schemas: [ENTERPRISE, USER],
    [ENTERPRISE]: { Department: 'Sales', Manager: { Value: made.body.id } },
  });
  expect(enterprise.body).toMatchObject({
    schemas: [USER, ENTERPRISE],
    [ENTERPRISE]: { department: 'Sales', manager: { value: made.body.id } },
  });
});

it('is refused what it must not send', async () => {
  await entra.user('exists');
  const again = await entra.post('/Users', person('exists'));
  expect([again.status, typeof again.body.detail]).toEqual([409, 'string']);
  const { userName: _, ...nameless } = person('nameless');
  expect((await entra.post('/Users', nameless)).status).toBe(400);
  expect((await entra.send('POST', '/Users', '{ "acve": tre, "userName"')).status).toBe(400);
  const { id } = await entra.user('kept');
  expect((await entra.put(`/Users/${id}`, nameless)).status).toBe(400);
  // A misspelled attribute is in no schema, and left out.
  const misspelled = await entra.put(`/Users/${id}`, { ...entra.person('kept'), adreses: [{ country: 'Germany' }] });
  expect([misspelled.status, JSON.stringify(misspelled.body).includes('Germany')]).toEqual([200, false]);
});

it('changes users by capitalized operations', async () => {
  const { id } = await entra.user('changed');
  const path = `/Users/${id}`;
  const renamed = await entra.patch(path, { op: 'Replace', path: 'userName', value: 'plain-name' });
  expect([renamed.status, renamed.body.userName]).toEqual([200, 'plain-name']);
  expect((await entra.patch(path, { op: 'Replace', path: 'active', value: 'False' })).body.active).toBe(false);
  expect((await entra.patch(path, { op: 'Add', path: 'active', value: 'True' })).body.active).toBe(true);
  const mail = await entra.patch(
    path,
    { op: 'Add', path: 'emails[type eq "work"].value', value: `changed@${entra.domain}` },
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 555' },
    { op: 'Replace', path: `${ENTERPRISE}:manager`, value: id },
  );
  expect(mail.body).toMatchObject({
    emails: [{ type: 'work', value: `changed@${entra.domain}` }],
    phoneNumbers: [{ type: 'mobile', value: '+1 555' }],
    [ENTERPRISE]: { manager: { value: id } },
  });
  const put = await entra.put(path, { ...person('changed'), active: false });
  expect(put.body).toMatchObject({ userName: `changed@${entra.domain}`, active: false });
});

it('finds users by its filters, whatever their capitals', async () => {
  const own = await newDirectory(app, staff, 'entra-filters');
  const before = entra;
  entra = own;
  try {
    for (const name of ['omalley', 'emp1', 'emp2']) await own.post('/Users', person(name));
    expect(namesIn(await found(`userName sw "O"`))).toEqual(['omalley']);
    expect(namesIn(await found(`DisplayName eq "person EMP1"`))).toEqual(['emp1']);
    const either = `name.FamilyName eq "employee" and (emails.Value co "emp" or emails.Value co "${own.domain}x")`;
    expect(namesIn(await found(either))).toEqual(['emp1', 'emp2']);
    expect(namesIn(await found('emails[type eq "work" and value sw "emp2"]'))).toEqual(['emp2']);
    expect(await found('externalId eq "external-emp1"', '&attributes=userName,emails')).toMatchObject({
      totalResults: 1,
      Resources: [{ userName: `emp1@${own.domain}` }],
    });
    // A full and a delta synchronization.
    const all =
      'active eq true and (meta.lastModified ge "0001-01-03T00:00:00.0000000Z" and meta.lastModified le "9999-01-01T00:00:00Z")';
    expect(await found(all, '&count=2&startIndex=1')).toMatchObject({ totalResults: 4, itemsPerPage: 2 });
    expect((await found(`meta.Created gt "2015-10-10T14:38:21.8617979-07:00"`)).totalResults).toBe(4);
    expect((await found(`(ActiVe eq true) and meta.lastmodified ge "9000-01-01T00:00:00.8420572Z"`)).totalResults).toBe(
      0,
    );
    // Values without quotes are no values.
    expect((await own.get('/Users?filter=userName%20sw%20O')).body.scimType).toBe('invalidFilter');
  } finally {
    entra = before;
  }
});

it('keeps groups: empty, by single members, without their members, and with ids of no one', async () => {
  const [one, two] = [await entra.user('member-one'), await entra.user('member-two')];
  const made = await entra.post('/Groups', { schemas: [GROUP], displayName: 'Entra', externalId: 'g-1', members: [] });
  const path = `/Groups/${made.body.id}`;
  const members = async () => (await entra.get(path)).body.members.map(({ value }: any) => value);
  const add = (value: string) => ({
    name: 'addMember',
    op: 'Add',
    path: 'members',
    value: [{ displayName: 'x', value }],
  });
  expect((await entra.patch(path, add(one.id))).status).toBe(200);
  expect((await entra.patch(path, { op: 'add', path: 'members', value: two.id })).status).toBe(200);
  expect(new Set(await members())).toEqual(new Set([one.id, two.id]));
  expect((await entra.patch(path, { op: 'add', path: 'members', value: 'string id 1' })).status).toBe(200);
  expect(await members()).toHaveLength(2);
  const bare = (await entra.get(`${path}?excludedAttributes=members`)).body;
  expect(Object.keys(bare)).not.toContain('members');
  await entra.patch(path, { op: 'Remove', path: 'members', value: [{ value: one.id }] });
  await entra.patch(path, { op: 'remove', path: `members[value eq "${two.id}"]` });
  expect(await members()).toEqual([]);
  await entra.put(path, {
    id: made.body.id,
    schemas: [GROUP],
    displayName: 'Entra again',
    members: [{ value: one.id }],
  });
  expect((await entra.patch(path, { op: 'remove', path: 'members' })).body).toMatchObject({
    displayName: 'Entra again',
    members: [],
  });
  expect((await entra.delete(path)).status).toBe(204);
});
