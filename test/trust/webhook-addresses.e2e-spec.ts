import type { Answer } from '../support/client.js';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

/* An organization is a stranger who chooses where the server sends requests, and reads the answers. It reaches no private address. */

let app: TestApp;
let admin: Person;
let organization: Organization;

beforeAll(async () => {
  app = await startTestApp();
  admin = await newPerson(app, 'address-admin');
  organization = await newOrganization(await signInAdmin(app), 'Reaching in', admin);
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

describe('every way to write a private address', () => {
  it.each([
    ['loopback', 'https://127.0.0.2/'],
    ['decimal', 'https://2130706434/'],
    ['octal', 'https://0177.0.0.2/'],
    ['hexadecimal', 'https://0x7f.0.0.2/'],
    ['one hexadecimal number', 'https://0x7f000002/'],
    ['a short form', 'https://127.2/'],
    ['a dot at the end', 'https://127.0.0.2./'],
    ['full-width digits', 'https://１２７.０.０.２/'],
    ['zero', 'https://0.0.0.0/'],
    ['zero, short', 'https://0/'],
    ['cloud metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['ten', 'https://10.0.0.1/'],
    ['carrier-grade NAT', 'https://100.64.0.1/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv6 unspecified', 'https://[::]/'],
    ['IPv4-mapped IPv6', 'https://[::ffff:127.0.0.2]/'],
    ['IPv4-mapped IPv6, hexadecimal', 'https://[::ffff:7f00:2]/'],
    ['IPv4-compatible IPv6', 'https://[::7f00:2]/'],
    ['NAT64', 'https://[64:ff9b::7f00:2]/'],
    ['local NAT64', 'https://[64:ff9b:1::7f00:2]/'],
    ['6to4', 'https://[2002:7f00:2::]/'],
    ['Teredo', 'https://[2001:0:7f00:2::]/'],
    ['link-local IPv6', 'https://[fe80::1]/'],
    ['unique local IPv6', 'https://[fd00::1]/'],
  ])('is refused: %s', async (_, url) => {
    const answer = await admin.client.post(`${organization.path}/webhooks`, { url, eventTypes: ['*'] });
    expect([url, ...outcome(answer)]).toEqual([url, 422, 'webhooks.url_not_allowed']);
  });
});
