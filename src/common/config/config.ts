import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import ipaddr from 'ipaddr.js';
import { SLUG_PATTERN } from '../ids/index.js';
import { MAILBOX, mailboxOf } from '../validation/index.js';
import { isCron } from './cron.js';
import { isLoopbackHost } from './loopback.js';

/** Values of the environment. Their names and defaults are documented under Configuration. */
export class Config {
  port: number;
  host: string;
  /** Without a trailing slash. All links and the issuer of tokens begin with it. */
  baseUrl: string;
  /** Undefined for the embedded server. */
  databaseUrl: string | undefined;
  databasePoolSize: number;
  dataDir: string;
  secretKey: string;
  smtpUrl: string | undefined;
  /** Sender of mails. Branding may replace the name. */
  mailFrom: { name: string | null; address: string };
  mailDir: string;
  bootstrapOperator: string;
  bootstrapAdminEmail: string | undefined;
  bootstrapAdminPassword: string | undefined;
  purgeCron: string;
  logLevel: LogLevel;
  /** Also serves `/metrics` on the main port to bearers of the token. */
  metricsToken: string | undefined;
  /** The port of the metrics listener on loopback. 0 turns it off. */
  metricsPort: number;
  /** False for the default port, which another server on this machine may already use. */
  metricsPortRequired: boolean;
  /** Memory of argon2id in KiB. */
  argon2MemoryKib: number;
  argon2Passes: number;
  /** Requests per second for one credential on one server. */
  rateLimit: number;
  /** Variables `LIMIT_…` that replace budgets, which the limits module reads. */
  limits: Record<string, string>;
  /** How many proxies stand in front, or their networks. Undefined: none, so the peer is the client. */
  trustProxy: number | string[] | undefined;
  /** Origins whose pages may call the API. `*` allows all, without credentials. */
  corsOrigins: string[];
  /** Private hosts, addresses and ranges that may receive requests, also without TLS. */
  allowedPrivateHosts: string[];
  /** Used to verify domains. Empty for those of the system. */
  dnsServers: string[];
  /** Lets charges of several organizations share a transaction. Undefined: unless the database is distributed. */
  gatherOrganizations: boolean | undefined;
  /** Most charges in one transaction. 1 turns batching off. */
  creditBatchSize: number;
  /** Adjustments of more credits need a second person. */
  adjustmentLimit: number;
  /** True when BASE_URL is a loopback address and NODE_ENV is not production. Conveniences of development exist only then. */
  development: boolean;
  /** Online payments are made in the sandbox, where no money moves. */
  sandbox: boolean;
  /** Undefined: no card is charged. */
  stripeSecretKey: string | undefined;
  /** Any of them may sign an event, so secrets can be rotated. */
  stripeWebhookSecrets: string[];
  /** Replaces the address of Stripe, for tests. */
  stripeApiUrl: string | undefined;
  /** Timeout of requests to a payment provider. */
  paymentTimeoutMs: number;
  /** Undefined: derived from the secret key. */
  sandboxWebhookSecret: string | undefined;
}

/** Returns whether the server is only reached from this machine and sends no mail: invented people harm no one there. */
export const isForTrying = ({ development, smtpUrl }: Pick<Config, 'development' | 'smtpUrl'>): boolean =>
  development && !smtpUrl;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Describes an invalid value of the environment in one line. */
export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>;

const refuse = (name: string, expected: string): never => {
  throw new ConfigError(`${name} ${expected}`);
};

function integer(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) refuse(name, `must be a whole number from ${min} to ${max}`);
  return value;
}

function url(env: Environment, name: string, protocols: string[]): string | undefined {
  const text = env[name];
  if (!text) return undefined;
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (!protocols.includes(protocol)) refuse(name, `must be a URL that begins with ${protocols.join('// or ')}//`);
  return text.replace(/\/+$/, '');
}

/** Hosts whose servers answer on `localhost` too, the only name of this machine for which browsers allow passkeys. */
const LOCALHOST = new Set(['127.0.0.1', '::1', '0.0.0.0', '::']);

function defaultBaseUrl(host: string, port: number): string {
  const name = LOCALHOST.has(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function baseUrl(env: Environment, host: string, port: number): string {
  const given = url(env, 'BASE_URL', ['http:', 'https:']);
  if (given && (new URL(given).search || new URL(given).hash))
    refuse('BASE_URL', 'must not have a query or a fragment');
  return given ?? defaultBaseUrl(host, port);
}

function logLevel(env: Environment): LogLevel {
  const level = LOG_LEVELS.find((known) => known === (env.LOG_LEVEL || 'info'));
  return level ?? refuse('LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}`);
}

function email(env: Environment, name: string): string | undefined {
  const address = env[name];
  return address ? (mailboxOf(address) ?? refuse(name, 'must be an email address')) : undefined;
}

function mailFrom(env: Environment): Config['mailFrom'] {
  const from = env.MAIL_FROM || 'no-reply@localhost';
  const [, quoted, plain, bracketed, bare] =
    /^(?:(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]+)>|([^<>]+))$/.exec(from.trim()) ?? [];
  const address = (bracketed ?? bare ?? '').trim();
  if (/[\r\n]/.test(from) || !MAILBOX.test(address))
    refuse('MAIL_FROM', 'must be an address such as "Name <no-reply@example.com>"');
  return { name: quoted || plain || null, address };
}

const tooShort = (name: string, length: number): never => refuse(name, `must have at least ${length} characters`);

/** Reads a secret. Short ones can be guessed. */
function secret(env: Environment, name: string, length: number): string | undefined {
  const text = env[name] || undefined;
  return text === undefined || text.trim().length >= length ? text : tooShort(name, length);
}

function secrets(env: Environment, name: string, length: number): string[] {
  const given = list(env, name);
  return given.every((one) => one.length >= length) ? given : tooShort(name, length);
}

function secretKey(env: Environment, dataDir: string): string {
  const given = secret(env, 'SECRET_KEY', 32);
  if (given) return given;
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, 'secret.key');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // Linking is atomic and fails if the file exists, so servers that start together share one key.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const stored = readFileSync(file, 'utf8').trim();
  return stored.length >= 32
    ? stored
    : refuse(file, 'is damaged: it must hold the secret key, of at least 32 characters');
}

function toggle(env: Environment, name: string): boolean | undefined {
  const text = env[name];
  if (!text) return undefined;
  return text === 'true' || text === 'false' ? text === 'true' : refuse(name, 'must be true or false');
}

const list = (env: Environment, name: string): string[] =>
  (env[name] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);

function privateHosts(env: Environment): string[] {
  const entries = list(env, 'ALLOWED_PRIVATE_HOSTS');
  const isHost = (entry: string) => isIP(entry) !== 0 || ipaddr.isValidCIDR(entry) || /^[\w-]+(\.[\w-]+)*$/.test(entry);
  if (!entries.every(isHost))
    refuse('ALLOWED_PRIVATE_HOSTS', 'must list host names, addresses and ranges such as 10.0.0.0/8');
  if (entries.some(isTooWide))
    refuse(
      'ALLOWED_PRIVATE_HOSTS',
      'must not list ranges wider than /8 (IPv4) or /7 (IPv6), which would allow every host',
    );
  return entries;
}

function isTooWide(entry: string): boolean {
  if (!ipaddr.isValidCIDR(entry)) return false;
  const [address, bits] = ipaddr.parseCIDR(entry);
  return bits < (address.kind() === 'ipv4' ? 8 : 7);
}

/** The key of Stripe would go there in the clear. */
function stripeApiUrl(env: Environment): string | undefined {
  const given = url(env, 'STRIPE_API_URL', ['http:', 'https:']);
  const isPlain = given?.startsWith('http:') && !isLoopbackHost(new URL(given).hostname);
  return isPlain ? refuse('STRIPE_API_URL', 'must begin with https://, except on a loopback address') : given;
}

/** The least product of memory and passes that OWASP recommends for Argon2id. */
const MIN_PASSWORD_COST = 7_168 * 5;

function passwordCost(env: Environment) {
  const argon2MemoryKib = integer(env, 'ARGON2_MEMORY_KIB', 19_456, 1_024, 1_048_576);
  const argon2Passes = integer(env, 'ARGON2_PASSES', 2, 1, 100);
  if (argon2MemoryKib * argon2Passes < MIN_PASSWORD_COST && env.NODE_ENV !== 'test')
    refuse('ARGON2_MEMORY_KIB', `times ARGON2_PASSES must be at least ${MIN_PASSWORD_COST}`);
  return { argon2MemoryKib, argon2Passes };
}

/** `true` is not possible: it would believe what any client says of its address. */
function trustProxy(env: Environment): Config['trustProxy'] {
  const networks = list(env, 'TRUST_PROXY');
  const [first] = networks;
  if (first === undefined) return undefined;
  if (networks.length === 1 && /^[1-9]\d?$/.test(first)) return Number(first);
  // An entire address family is `true` in other words.
  const isNetwork = (entry: string) => isIP(entry) !== 0 || (ipaddr.isValidCIDR(entry) && !entry.endsWith('/0'));
  return networks.every(isNetwork)
    ? networks
    : refuse(
        'TRUST_PROXY',
        'must be the number of proxies (1 to 99) or list their addresses and networks such as 10.0.0.0/8',
      );
}

function corsOrigins(env: Environment): string[] {
  const origins = list(env, 'CORS_ORIGINS');
  const isOrigin = (entry: string) => URL.canParse(entry) && new URL(entry).origin === entry;
  return origins.every((entry) => entry === '*' || isOrigin(entry))
    ? origins
    : refuse('CORS_ORIGINS', 'must list origins such as https://app.example.com, or be *');
}

function dnsServers(env: Environment): string[] {
  const servers = list(env, 'DNS_SERVERS');
  try {
    new Resolver().setServers(servers);
    return servers;
  } catch {
    return refuse('DNS_SERVERS', 'must list addresses such as 9.9.9.9 or 127.0.0.1:5353');
  }
}

function bootstrap(env: Environment) {
  const bootstrapOperator = env.BOOTSTRAP_OPERATOR || 'demo';
  if (!SLUG_PATTERN.test(bootstrapOperator)) {
    refuse('BOOTSTRAP_OPERATOR', 'must have 2 to 50 of a-z, 0-9 and "-", with no "-" at either end');
  }
  const bootstrapAdminPassword = env.BOOTSTRAP_ADMIN_PASSWORD || undefined;
  if (bootstrapAdminPassword && (bootstrapAdminPassword.length < 8 || bootstrapAdminPassword.length > 128)) {
    refuse('BOOTSTRAP_ADMIN_PASSWORD', 'must have 8 to 128 characters');
  }
  return { bootstrapOperator, bootstrapAdminPassword, bootstrapAdminEmail: email(env, 'BOOTSTRAP_ADMIN_EMAIL') };
}

function metricsPort(env: Environment, port: number) {
  const value = integer(env, 'METRICS_PORT', 9464, 0, 65_535);
  if (value !== 0 && value === port) refuse('METRICS_PORT', 'must differ from PORT');
  return { metricsPort: value, metricsPortRequired: Boolean(env.METRICS_PORT) };
}

/** Decides how online payments are made. Without Stripe, only PAYMENTS=sandbox opens the sandbox to other machines. */
function payments(env: Environment, development: boolean) {
  const mode = env.PAYMENTS || undefined;
  const stripeSecretKey = env.STRIPE_SECRET_KEY || undefined;
  if (mode !== undefined && mode !== 'sandbox') refuse('PAYMENTS', 'must be sandbox or empty');
  if (mode && stripeSecretKey) refuse('PAYMENTS', 'must be empty when STRIPE_SECRET_KEY is set');
  return { stripeSecretKey, sandbox: !stripeSecretKey && (development || mode === 'sandbox') };
}

/** Reads and validates the environment. Creates a missing secret key in DATA_DIR. Throws `ConfigError`. */
export function readConfig(env: Environment = process.env): Config {
  const host = env.HOST || '127.0.0.1';
  const port = integer(env, 'PORT', 3000, 0, 65_535);
  const dataDir = path.resolve(env.DATA_DIR || '.trellis');
  const purgeCron = env.PURGE_CRON || '*/10 * * * *';
  if (!isCron(purgeCron)) refuse('PURGE_CRON', 'must be a cron expression of 5 or 6 fields, such as "*/10 * * * *"');
  const base = baseUrl(env, host, port);
  const development = isLoopbackHost(new URL(base).hostname) && env.NODE_ENV !== 'production';
  return Object.assign(new Config(), {
    port,
    host,
    baseUrl: base,
    development,
    databaseUrl: url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    databasePoolSize: integer(env, 'DATABASE_POOL_SIZE', 20, 2, 1000),
    dataDir,
    smtpUrl: url(env, 'SMTP_URL', ['smtp:', 'smtps:']),
    mailFrom: mailFrom(env),
    mailDir: path.resolve(env.MAIL_DIR || path.join(dataDir, 'mail')),
    ...bootstrap(env),
    purgeCron,
    logLevel: logLevel(env),
    metricsToken: secret(env, 'METRICS_TOKEN', 16),
    ...metricsPort(env, port),
    ...passwordCost(env),
    rateLimit: integer(env, 'RATE_LIMIT', 1000, 1, 1_000_000),
    limits: Object.fromEntries(
      Object.entries(env).flatMap(([name, text]) => (name.startsWith('LIMIT_') && text ? [[name, text]] : [])),
    ),
    trustProxy: trustProxy(env),
    corsOrigins: corsOrigins(env),
    allowedPrivateHosts: privateHosts(env),
    dnsServers: dnsServers(env),
    creditBatchSize: integer(env, 'CREDIT_BATCH_SIZE', 250, 1, 5_000),
    adjustmentLimit: integer(env, 'ADJUSTMENT_LIMIT', 1_000, 0, 1_000_000_000),
    ...payments(env, development),
    stripeWebhookSecrets: secrets(env, 'STRIPE_WEBHOOK_SECRET', 32),
    stripeApiUrl: stripeApiUrl(env),
    paymentTimeoutMs: integer(env, 'PAYMENT_TIMEOUT_MS', 8_000, 100, 60_000),
    sandboxWebhookSecret: secret(env, 'SANDBOX_WEBHOOK_SECRET', 32),
    gatherOrganizations: toggle(env, 'GATHER_ORGANIZATIONS'),
    secretKey: secretKey(env, dataDir),
  });
}
