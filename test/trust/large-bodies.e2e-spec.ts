import { connect } from 'node:net';
import { once } from 'node:events';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

/*
 * A large body is read only for callers who may send it. Each of these requests announces a body and sends none of it, so an answer
 * other than 408 shows that the server did not wait for it.
 */

const LARGE = 64 * 1024 + 1;

let app: TestApp;
let staff: Person;
let home: Organization;
let other: Organization;
let key: string;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Home', await newPerson(app, 'large-admin'));
  other = await newOrganization(staff, 'Other', await newPerson(app, 'large-other'));
  key = (await staff.client.post(`${home.path}/scim-keys`, { name: 'Directory' })).body.key;
});
afterAll(() => app.close());

/** Sends the head of a request, and `body` if there is one. Returns the status and the code of the answer. */
async function send(
  method: string,
  path: string,
  authorization: string | null,
  { length = String(LARGE), type = 'application/scim+json', body = '' } = {},
): Promise<[status: number, code: string | undefined]> {
  const { hostname, port } = new URL(app.origin);
  const socket = connect(Number(port), hostname);
  const size = length === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  const head = [`${method} ${path} HTTP/1.1`, 'host: localhost', `content-type: ${type}`, size];
  if (authorization !== null) head.push(`authorization: ${authorization}`);
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  socket.on('data', (data) => {
    text += data.toString();
    // The problem document is the end of the answer.
    if (text.trimEnd().endsWith('}') || /^HTTP\/1.1 [23]/.test(text)) socket.end();
  });
  await once(socket, 'close');
  return [Number(text.split(' ')[1]), /"code":"([\w.]+)"/.exec(text)?.[1]];
}

const scim = ({ id }: Organization, resource = 'Users') => `/t/demo/api/v1/organizations/${id}/scim/v2/${resource}`;

it.each([
  ['nobody', null, 401, 'auth.unauthenticated'],
  ['a key that is none', 'Bearer none', 401, 'auth.invalid_token'],
  ['another scheme', 'Basic eDp5', 401, 'auth.invalid_token'],
] as const)('of %s is not read', async (_name, authorization, status, code) => {
  for (const length of [String(LARGE), String(2 * 1024 * 1024), 'chunked'])
    for (const resource of ['Users', 'Groups', 'Bulk'])
      expect(await send('POST', scim(home, resource), authorization, { length })).toEqual([status, code]);
  for (const type of ['application/json', 'application/scim+json'])
    expect(await send('PATCH', `${scim(home)}/x`, authorization, { type })).toEqual([status, code]);
});

it('of a key is not read for another organization, another route or once the key is revoked', async () => {
  const bearer = `Bearer ${key}`;
  expect(await send('POST', scim(other), bearer)).toEqual([404, 'organizations.not_found']);
  const json = { type: 'application/json' };
  expect(await send('POST', `/t/demo/api/v1${home.path}/members`, bearer, json)).toEqual([403, 'auth.forbidden']);
  const made = await staff.client.post(`${home.path}/scim-keys`, { name: 'Revoked' });
  await staff.client.delete(`${home.path}/scim-keys/${made.body.id}`);
  expect(await send('POST', scim(home), `Bearer ${made.body.key}`)).toEqual([401, 'auth.invalid_token']);
});

it('is not read on any route that requires access', async () => {
  const json = { type: 'application/json' };
  for (const path of [`/t/demo/api/v1${home.path}/members`, '/t/demo/api/v1/account/email-change'])
    expect(await send('POST', path, null, json)).toEqual([401, 'auth.unauthenticated']);
  const stranger = await newPerson(app, 'large-stranger');
  const bearer = `Bearer ${stranger.client.token}`;
  expect(await send('POST', `/t/demo/api/v1${home.path}/members`, bearer, json)).toEqual([
    404,
    'organizations.not_found',
  ]);
});

it('is read for callers who may send it', async () => {
  const body = JSON.stringify({ schemas: ['x'], pad: 'x'.repeat(LARGE) });
  const length = String(body.length);
  expect(await send('POST', scim(home), `Bearer ${key}`, { length, body })).toEqual([400, 'scim.invalid_syntax']);
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const chunked = { length: 'chunked', body: chunk };
  expect(await send('POST', scim(home), `Bearer ${key}`, chunked)).toEqual([400, 'scim.invalid_syntax']);
  const session = `Bearer ${staff.client.token}`;
  expect(await send('POST', scim(home), session, { length, body })).toEqual([400, 'scim.invalid_syntax']);
  // Public routes read what they may have to.
  const login = await send('POST', '/t/demo/api/v1/auth/login', null, { length, body, type: 'application/json' });
  expect(login).toEqual([400, 'validation_failed']);
});

it('counts against the request limit of its caller once', async () => {
  const limited = await app.replica({ RATE_LIMIT: '5' });
  const path = new URL(scim(home), limited.origin);
  const pad = 'x'.repeat(LARGE);
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) {
    const response = await fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ schemas: ['x'], pad }),
    });
    statuses.push(response.status);
    await response.text();
  }
  expect(statuses).toEqual([400, 400, 400, 400, 400]);
});
