import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { RouteRules, type RouteRule } from '../../src/auth/access/index.js';
import { newId } from '../../src/common/ids/index.js';
import { eventLoopHeld } from '../support/event-loop.js';
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
/** Without `FULL`, each route gets one shape of this many, and each shape reaches one route of as many. */
const SHARE = FULL ? 1 : 3;

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
  let shapes = 0;
  const attack = async (what: string, work: () => Promise<void>) => {
    if (shapes++ % SHARE > 0) return;
    const taken = await eventLoopHeld(work, MOST);
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
  expect(shapes).toBeGreaterThan(routes.length * 5);
  expect(faults).toEqual([]);
}, 900_000);

it('would show a body that holds it', async () => {
  const end = () => performance.now() + 2_000;
  const busy = async () => {
    for (const until = end(); performance.now() < until;);
  };
  expect(await eventLoopHeld(busy, MOST)).toBeGreaterThan(MOST);
});
