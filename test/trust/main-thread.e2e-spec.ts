import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { RouteRules, type RouteRule } from '../../src/auth/access/index.js';
import { newId } from '../../src/common/ids/index.js';
import { FULL } from '../support/full.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/*
 * Anyone may send anything to a public route. None of it may hold the main thread, where all other requests wait. What is
 * measured is the longest time in which the event loop did not turn, as a multiple of what parsing a long list of fields
 * takes on this machine.
 */

/** Most of what the server reads. */
const JSON_BYTES = FULL ? 1_000_000 : 250_000;
const FORM_BYTES = FULL ? 500_000 : 125_000;
/** Node.js refuses longer headers. */
const QUERY_BYTES = 12_000;
const MOST = 6;
const FIELDS = 20_000;
/** Other threads of the process run now and then. What holds the thread does so each time. */
const TRIES = 6;

let app: TestApp;
let routes: RouteRule[];

beforeAll(async () => {
  app = await startTestApp({
    RATE_LIMIT: '1000000',
    LIMIT_DEVICE_CODE_GUESSES: '1000000/1m',
    LIMIT_SIGN_IN_STEPS: '1000000/1m',
  });
  routes = app.app
    .get(RouteRules, { strict: false })
    .all()
    .filter(({ rule }) => rule?.level === 'public');
});
afterAll(() => app.close());

async function post(url: string, body: string, type = 'application/json'): Promise<void> {
  const { statusCode, body: answer } = await request(url, { method: 'POST', body, headers: { 'content-type': type } });
  await answer.dump();
  if (statusCode >= 500 && statusCode !== 503) throw new Error(`${url} answered ${statusCode}`);
}

async function get(url: string): Promise<void> {
  const { statusCode, body } = await request(url);
  await body.dump();
  if (statusCode >= 500 && statusCode !== 503) throw new Error(`${url} answered ${statusCode}`);
}

/** Returns the milliseconds that the process ran so far. A busy machine stops it now and then, which must not count. */
function ran(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Returns the longest run of the process, in milliseconds, in which the event loop did not turn during `work`. */
async function standstill(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = ran();
  const progress = { working: true };
  const turn = () => {
    const now = ran();
    longest = Math.max(longest, now - last);
    last = now;
    if (progress.working) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  // What came last counts once the loop turns again.
  await new Promise((resolve) => setImmediate(resolve));
  progress.working = false;
  return longest;
}

const manyFields = `{${Array.from({ length: FIELDS }, (_, n) => `"k${n}":0`).join()}}`;

/** Returns how many milliseconds it takes to parse `FIELDS` fields now. */
function unit(): number {
  const started = ran();
  JSON.parse(manyFields);
  return ran() - started;
}

/** Returns the least of several measurements, in units. Stops at the first that is small enough. */
async function units(work: () => Promise<void>): Promise<number> {
  let least = Infinity;
  for (let tries = 0; tries < TRIES && least > MOST; tries++)
    least = Math.min(least, (await standstill(work)) / Math.max(unit(), unit()));
  return least;
}

const urlOf = ({ path }: RouteRule): string =>
  `${app.origin}/${path
    .replace(':operator', 'demo')
    .replace(/:(\w*Id)\b/g, () => newId())
    .replace(/:\w+/g, 'none')}`;

const repeat = (part: string, bytes: number): string => part.repeat(Math.floor(bytes / part.length));

/** Texts that are expensive for a careless pattern, normalization or decoder. */
const TEXTS: Record<string, (bytes: number) => string> = {
  letters: (bytes) => repeat('a', bytes),
  addresses: (bytes) => repeat('a@', bytes),
  dots: (bytes) => `a@${repeat('a.', bytes - 2)}`,
  spaces: (bytes) => `x${repeat(' ', bytes - 2)}x`,
  accents: (bytes) => `e${repeat('\u0300\u0316', Math.floor(bytes / 2))}`,
  percents: (bytes) => repeat('%41', bytes),
  base64: (bytes) => repeat('====', bytes),
  numbers: (bytes) => repeat('9', bytes),
  token: (bytes) => `${repeat('eyJ', bytes / 2)}.${repeat('eyJ', bytes / 2)}`,
};

const openapi = JSON.parse(readFileSync('openapi.json', 'utf8'));

/** Returns the fields of the documented body of a route. */
function fieldsOf(route: RouteRule): string[] {
  const path = `/${route.path.replace(/:(\w+)/g, '{$1}')}`;
  const content = openapi.paths[path]?.[route.method.toLowerCase()]?.requestBody?.content ?? {};
  return Object.values<any>(content).flatMap(({ schema }) => {
    const { properties = {} } = openapi.components.schemas[schema.$ref?.split('/').at(-1)] ?? schema;
    return Object.keys(properties);
  });
}

/** Bodies in JSON: each shape alone and in every field that the route knows. */
function* bodies(fields: string[]): Generator<[name: string, body: string]> {
  const names = fields.length > 0 ? fields : ['unknown'];
  const size = Math.floor(JSON_BYTES / names.length);
  const inFields = (value: string) => `{${names.map((name) => `${JSON.stringify(name)}:${value}`).join()}}`;
  const nested = (bytes: number) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2);
  yield ['nested lists', nested(JSON_BYTES)];
  yield ['nested objects', `${repeat('{"a":', JSON_BYTES * 0.8)}1${'}'.repeat((JSON_BYTES * 0.8) / 5)}`];
  yield ['not closed', `{"a":"${'\\\\'.repeat(JSON_BYTES / 2)}`];
  yield ['many keys', `{${Array.from({ length: JSON_BYTES / 12 }, (_, n) => `"k${n}":0`).join()}}`];
  yield ['lists in the fields', inFields(`[${repeat('0,', size)}0]`)];
  yield ['objects in the fields', inFields(`[${repeat('{},', size)}{}]`)];
  yield ['nested in the fields', inFields(nested(size))];
  for (const [name, text] of Object.entries(TEXTS)) yield [name, inFields(JSON.stringify(text(size)))];
}

function* forms(fields: string[]): Generator<[name: string, body: string]> {
  const names = fields.length > 0 ? fields : ['SAMLResponse', 'RelayState', 'token', 'password'];
  const size = Math.floor(FORM_BYTES / names.length);
  yield ['many fields', repeat('a=1&', FORM_BYTES)];
  yield ['many names', Array.from({ length: FORM_BYTES / 10 }, (_, n) => `a${n}=1`).join('&')];
  yield ['nested names', `a${repeat('[b]', FORM_BYTES)}=1`];
  for (const [name, text] of Object.entries(TEXTS))
    yield [name, names.map((field) => `${field}=${encodeURIComponent(text(size / 6))}`).join('&')];
}

const FORM = 'application/x-www-form-urlencoded';

it('no body or query that anyone may send holds the main thread', async () => {
  const faults: string[] = [];
  let sent = 0;
  const attack = async (what: string, work: () => Promise<void>) => {
    sent++;
    const taken = await units(work);
    if (taken > MOST) faults.push(`${what}: ${taken.toFixed(1)} times what parsing many fields takes`);
  };
  for (const route of routes) {
    const [name, url] = [`${route.method} ${route.path}`, urlOf(route)];
    if (route.method === 'POST') {
      const fields = fieldsOf(route);
      for (const [kind, body] of bodies(fields)) await attack(`${name}, ${kind}`, () => post(url, body));
      for (const [kind, body] of forms(fields)) await attack(`${name}, form, ${kind}`, () => post(url, body, FORM));
    } else {
      for (const [kind, text] of Object.entries(TEXTS)) {
        const value = encodeURIComponent(text(QUERY_BYTES / 12));
        const query = ['token', 'email', 'code', 'state', 'organization', 'unit', 'SAMLRequest'].map(
          (key) => `${key}=${value}`,
        );
        await attack(`${name}, query, ${kind}`, () => get(`${url}?${query.join('&').slice(0, QUERY_BYTES)}`));
      }
    }
  }
  expect(sent).toBeGreaterThan(routes.length * 5);
  expect(faults).toEqual([]);
}, 900_000);

it('would show a body that holds it', async () => {
  const busy = async () => {
    for (const end = ran() + 6 * MOST * unit(); ran() < end;);
  };
  expect(await units(busy)).toBeGreaterThan(MOST);
});
