import { ConfigError, readConfig } from './config.js';

const SECRET_KEY = 'a key for tests, long enough to be one';

it('has a default for everything', () => {
  const config = readConfig({ SECRET_KEY });
  expect(config).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    baseUrl: 'http://localhost:3000',
    bootstrapOperator: 'demo',
  });
  expect(config.databaseUrl).toBeUndefined();
});

it('shows an address one can open when it listens on all', () => {
  expect(readConfig({ SECRET_KEY, HOST: '0.0.0.0', PORT: '8080' }).baseUrl).toBe('http://localhost:8080');
  expect(readConfig({ SECRET_KEY, HOST: '::1' }).baseUrl).toBe('http://localhost:3000');
  expect(readConfig({ SECRET_KEY, HOST: '127.0.0.2' }).baseUrl).toBe('http://127.0.0.2:3000');
  expect(readConfig({ SECRET_KEY, HOST: 'fd00::1' }).baseUrl).toBe('http://[fd00::1]:3000');
  expect(readConfig({ SECRET_KEY, BASE_URL: 'https://trellis.example/' }).baseUrl).toBe('https://trellis.example');
});

it.each([
  [{ PORT: 'x' }, 'PORT must be a whole number from 0 to 65535'],
  [{ PORT: '70000' }, 'PORT must be a whole number from 0 to 65535'],
  [{ PURGE_CRON: 'often' }, 'PURGE_CRON must be a cron expression of 5 or 6 fields, such as "*/10 * * * *"'],
  [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must be a URL that begins with postgres:// or postgresql://'],
  [{ SMTP_URL: 'http://x' }, 'SMTP_URL must be a URL that begins with smtp:// or smtps://'],
  [{ SECRET_KEY: 'short' }, 'SECRET_KEY must have at least 32 characters'],
  [{ SECRET_KEY: `short${' '.repeat(40)}` }, 'SECRET_KEY must have at least 32 characters'],
  [{ METRICS_TOKEN: 'fifteen letters' }, 'METRICS_TOKEN must have at least 16 characters'],
  [{ SANDBOX_WEBHOOK_SECRET: 'whsec_short' }, 'SANDBOX_WEBHOOK_SECRET must have at least 32 characters'],
  [
    { STRIPE_WEBHOOK_SECRET: `whsec_${'x'.repeat(32)},whsec_short` },
    'STRIPE_WEBHOOK_SECRET must have at least 32 characters',
  ],
  [
    { STRIPE_API_URL: 'http://stripe.example' },
    'STRIPE_API_URL must begin with https://, except on a loopback address',
  ],
  [{ PAYMENTS: 'none' }, 'PAYMENTS must be sandbox or empty'],
  [{ PAYMENTS: 'sandbox', STRIPE_SECRET_KEY: 'sk_1' }, 'PAYMENTS must be empty when STRIPE_SECRET_KEY is set'],
  [{ METRICS_PORT: '3000' }, 'METRICS_PORT must differ from PORT'],
  [{ ARGON2_MEMORY_KIB: '1024', ARGON2_PASSES: '2' }, 'ARGON2_MEMORY_KIB times ARGON2_PASSES must be at least 35840'],
  ...['0.0.0.0/0', '10.0.0.1, ::/0'].map((ALLOWED_PRIVATE_HOSTS): [Record<string, string>, string] => [
    { ALLOWED_PRIVATE_HOSTS },
    'ALLOWED_PRIVATE_HOSTS must not list ranges wider than /8 (IPv4) or /7 (IPv6), which would allow every host',
  ]),
  [{ BOOTSTRAP_OPERATOR: '-x' }, 'BOOTSTRAP_OPERATOR must have 2 to 50 of a-z, 0-9 and "-", with no "-" at either end'],
  [{ BOOTSTRAP_ADMIN_EMAIL: 'nobody' }, 'BOOTSTRAP_ADMIN_EMAIL must be an email address'],
  [{ BOOTSTRAP_ADMIN_PASSWORD: 'short' }, 'BOOTSTRAP_ADMIN_PASSWORD must have 8 to 128 characters'],
  [{ BASE_URL: 'trellis.example' }, 'BASE_URL must be a URL that begins with http:// or https://'],
  [{ BASE_URL: 'https://x.example/?a=b' }, 'BASE_URL must not have a query or a fragment'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent'],
  [{ MAIL_FROM: 'nobody' }, 'MAIL_FROM must be an address such as "Name <no-reply@example.com>"'],
  [
    { CORS_ORIGINS: 'https://app.example.com/' },
    'CORS_ORIGINS must list origins such as https://app.example.com, or be *',
  ],
  [{ GATHER_ORGANIZATIONS: 'yes' }, 'GATHER_ORGANIZATIONS must be true or false'],
  [
    { ALLOWED_PRIVATE_HOSTS: 'a b' },
    'ALLOWED_PRIVATE_HOSTS must list host names, addresses and ranges such as 10.0.0.0/8',
  ],
  [{ DNS_SERVERS: 'dns.example' }, 'DNS_SERVERS must list addresses such as 9.9.9.9 or 127.0.0.1:5353'],
  ...['true', '0', '100', '*', '0.0.0.0/0', '::/0', 'proxy.example', '1,2'].map(
    (TRUST_PROXY): [Record<string, string>, string] => [
      { TRUST_PROXY },
      'TRUST_PROXY must be the number of proxies (1 to 99) or list their addresses and networks such as 10.0.0.0/8',
    ],
  ),
  [{ RATE_LIMIT: '0' }, 'RATE_LIMIT must be a whole number from 1 to 1000000'],
])('refuses %j in one line', (bad, line) => {
  expect(() => readConfig({ SECRET_KEY, ...bad })).toThrow(new ConfigError(line));
});

it.each([
  ['', undefined],
  ['2', 2],
  ['10.0.0.0/8, 192.168.1.1', ['10.0.0.0/8', '192.168.1.1']],
])('reads TRUST_PROXY %j', (TRUST_PROXY, trustProxy) => {
  expect(readConfig({ SECRET_KEY, TRUST_PROXY }).trustProxy).toEqual(trustProxy);
});

it.each([
  [undefined, { name: null, address: 'no-reply@localhost' }],
  ['mail@acme.example', { name: null, address: 'mail@acme.example' }],
  ['Acme <mail@acme.example>', { name: 'Acme', address: 'mail@acme.example' }],
  ['"Acme, Inc." <mail@acme.example>', { name: 'Acme, Inc.', address: 'mail@acme.example' }],
])('reads MAIL_FROM %s', (MAIL_FROM, mailFrom) => {
  expect(readConfig({ SECRET_KEY, MAIL_FROM }).mailFrom).toEqual(mailFrom);
});

it.each(['a@x.example, b@x.example', 'A <a@x.example>, B <b@x.example>', 'A\n <a@x.example>', 'A <a>'])(
  'refuses MAIL_FROM %j',
  (MAIL_FROM) => {
    expect(() => readConfig({ SECRET_KEY, MAIL_FROM })).toThrow(ConfigError);
  },
);
