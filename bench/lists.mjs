// `npm run bench:lists`: compares lists of a large and a small organization, and of a user in many and in few
// organizations, alternating on one server. Prints the median and the 95th percentile of each, the ratio of large to small,
// and the number of SQL statements per request. Lists that no index sorts grow.
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { buildIfStale } from '../scripts/build-if-stale.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 30);
const MEMBERS = { small: 1_000, large: Number(process.env.MEMBERS ?? 100_000) };
const ORGANIZATIONS = { small: 5, large: Number(process.env.ORGANIZATIONS ?? 5_000) };
const PASSWORD = 'a password for the bench';
/** Runs only the lists whose name matches. */
const ONLY = new RegExp(process.env.ONLY ?? '');
const SIZES = ['small', 'large'];

await buildIfStale();
const { AppModule } = await import('../dist/app.module.js');
const { createApp } = await import('../dist/http/app.setup.js');
const { readConfig } = await import('../dist/common/config/index.js');
const { startEmbeddedServer } = await import('../dist/database/embedded/server.js');
const { migrate } = await import('../dist/database/migrate.js');
const { BootstrapService } = await import('../dist/provisioning/index.js');

/** Statements sent to the database. Background work adds few, and the median hides them. */
let statements = 0;
pg.Client.prototype.query = new Proxy(Reflect.get(pg.Client.prototype, 'query'), {
  apply(query, client, args) {
    statements++;
    return Reflect.apply(query, client, args);
  },
});

const folder = mkdtempSync(path.join(os.tmpdir(), 'trellis-bench-'));
const server = await startEmbeddedServer({});
const sql = new pg.Pool({ connectionString: server.url, max: 2 });
let app;
try {
  await migrate(server.url);
  const config = readConfig({
    DATA_DIR: folder,
    LOG_LEVEL: 'silent',
    RATE_LIMIT: '1000000',
    BOOTSTRAP_ADMIN_PASSWORD: PASSWORD,
  });
  app = await createApp(AppModule.with({ url: server.url, poolSize: 10 }), config);
  await app.get(BootstrapService).run();
  await app.listen({ port: 0, host: '127.0.0.1' });
  await run(`${await app.getUrl()}/t/demo/api/v1`);
} finally {
  await app?.close();
  await sql.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function run(api) {
  const json = { 'content-type': 'application/json' };
  const login = await send('POST', `${api}/auth/login`, json, { email: 'admin@demo.example', password: PASSWORD });
  const headers = { ...json, authorization: `Bearer ${login.body.accessToken}` };
  const organizations = {};
  for (const size of SIZES) {
    const made = await send('POST', `${api}/admin/organizations`, headers, { name: `Bench ${size}` });
    organizations[size] = made.body.id;
    await fillOrganization(made.body.id, size);
  }
  for (const size of SIZES) await fillMemberships(size);
  await sql.query('vacuum analyze');

  const list = (what) => (size) => `${api}/admin/organizations/${organizations[size]}/${what}`;
  const paths = {
    'members, first page': list('members'),
    'members, newest first': list('members?sort=-joinedAt'),
    'members by name': list('members?sort=name'),
    'members by -name': list('members?sort=-name'),
    'members by e-mail': list('members?sort=email'),
    'members q, few match': list('members?q=bench-00777'),
    'members q, none match': list('members?q=no-such-member'),
    'members q, all match': list('members?q=bench'),
    'members q, two letters': list('members?q=zz'),
    'members, role=admin': list('members?role=admin'),
    'members, role=user': list('members?role=user'),
    'members, status=active': list('members?status=active'),
    'members, status=blocked': list('members?status=blocked'),
    'members, count=true': list('members?count=true&limit=1'),
    'invitations, first page': list('invitations'),
    'invitations by e-mail': list('invitations?sort=email'),
    'invitations by expiresAt': list('invitations?sort=expiresAt'),
    'invitations q, few match': list('invitations?q=bench-00777'),
    'invitations q, none match': list('invitations?q=no-such-member'),
    'invitations, status=pending': list('invitations?status=pending'),
    'invitations, status=revoked': list('invitations?status=revoked'),
    'invitations, count=true': list('invitations?count=true&limit=1'),
  };
  const cases = Object.entries(paths).map(([name, of]) => ({
    name,
    request: Object.fromEntries(SIZES.map((size) => [size, () => send('GET', of(size), headers)])),
  }));
  for (const [name, of, sort] of [
    ['members, last page', list('members'), 'sort=joinedAt'],
    ['members by name, last page', list('members'), 'sort=name'],
    ['members by e-mail, last page', list('members'), 'sort=email'],
    ['invitations, last page', list('invitations'), 'sort=-createdAt'],
  ]) {
    if (!ONLY.test(name)) continue;
    const urls = {};
    for (const size of SIZES) urls[size] = await lastPage(of(size), sort, headers);
    cases.push({
      name,
      request: Object.fromEntries(SIZES.map((size) => [size, () => send('GET', urls[size], headers)])),
    });
  }
  cases.push(...(await casesOfUser(api, json)));

  print(await measure(cases.filter(({ name }) => ONLY.test(name))));
}

/** Requests of a user in many organizations. */
async function casesOfUser(api, json) {
  const people = Object.fromEntries(SIZES.map((size) => [size, `many-${size}@bench.example`]));
  const tokens = {};
  for (const size of SIZES) {
    const choice = await send('POST', `${api}/auth/login`, json, { email: people[size], password: PASSWORD }, [403]);
    const { selectionToken, organizations } = choice.body;
    const input = { selectionToken, organizationId: organizations[0].id };
    tokens[size] = (await send('POST', `${api}/auth/select-organization`, json, input)).body;
  }
  const mine = (query) => (size) => {
    const headers = { ...json, authorization: `Bearer ${tokens[size].accessToken}` };
    return send('GET', `${api}/account/organizations${query}`, headers);
  };
  const refresh = (more) => async (size) => {
    const input = { refreshToken: tokens[size].refreshToken, ...more };
    const answer = await send('POST', `${api}/auth/token`, json, input);
    tokens[size] = answer.body;
    return answer;
  };
  const actions = {
    'my organizations, first page': mine(''),
    'my organizations by joinedAt': mine('?sort=joinedAt'),
    'my organizations, count=true': mine('?count=true&limit=1'),
    'login with a choice': (size) =>
      send('POST', `${api}/auth/login`, json, { email: people[size], password: PASSWORD }, [403]),
    token: refresh({}),
    'token, scope=organizations': refresh({ scope: 'organizations' }),
  };
  return Object.entries(actions).map(([name, action]) => ({
    name,
    request: Object.fromEntries(SIZES.map((size) => [size, () => action(size)])),
  }));
}

async function lastPage(url, sort, headers) {
  let at = `${url}?limit=100&${sort}`;
  for (;;) {
    const { body } = await send('GET', at, headers);
    if (!body.nextCursor) return at;
    at = `${url}?limit=100&${sort}&cursor=${encodeURIComponent(body.nextCursor)}`;
  }
}

async function fillOrganization(id, size) {
  const people = MEMBERS[size];
  // Names are unrelated to the order of creation.
  await sql.query(
    `with person as (
       insert into users (id, operator_id, email, name, email_verified_at, blocked_at)
       select uuidv7(), o.operator_id, 'bench-' || lpad(i::text, 6, '0') || '-' || $2 || '@bench.example',
         initcap(substr(md5(i::text || $2), 1, 8)) || ' Bench', now(), case when i % 997 = 0 then now() end
       from organizations o, generate_series(1, $3::int) i where o.id = $1 returning id, email)
     insert into organization_members (organization_id, user_id, role, joined_at)
     select $1, id, case when substr(email, 10, 3) = '500' then 'admin' else 'user' end,
       now() - random() * interval '900 days' from person`,
    [id, size, people],
  );
  await sql.query(
    `insert into organization_invitations (organization_id, id, email, role, unit_ids, state, ttl_seconds, expires_at,
       token_hash, invited_by, mailed_at, created_at)
     select $1, uuidv7(), 'bench-' || lpad(i::text, 6, '0') || '-' || $2 || '@invited.example', 'user', '{}', 'pending',
       604800, now() + random() * interval '7 days', md5(i::text || $2), u.id, '{}', now() - random() * interval '30 days'
     from generate_series(1, $3::int) i, (select id from users where email = 'admin@demo.example') u`,
    [id, size, people],
  );
}

/** Creates a user with many organizations. */
async function fillMemberships(size) {
  await sql.query(
    `with person as (
       insert into users (id, operator_id, email, name, email_verified_at)
       select uuidv7(), id, 'many-' || $1 || '@bench.example', 'Many', now() from operators where slug = 'demo' returning id),
     secret as (
       insert into passwords (user_id, hash, changed_at) select person.id, p.hash, now() from person,
         (select p.hash from passwords p join users u on u.id = p.user_id where u.email = 'admin@demo.example') p),
     made as (
       insert into organizations (id, operator_id, slug, name)
       select uuidv7(), o.id, 'bench-' || $1 || '-' || i, initcap(substr(md5(i::text || $1), 1, 10))
       from operators o, generate_series(1, $2::int) i where o.slug = 'demo' returning id)
     insert into organization_members (organization_id, user_id, role, joined_at)
     select made.id, person.id, 'user', now() - random() * interval '900 days' from made, person`,
    [size, ORGANIZATIONS[size]],
  );
}

async function measure(cases) {
  const rows = [];
  for (const { name, request } of cases) {
    const times = { small: [], large: [] };
    const counts = { small: [], large: [] };
    for (let round = 0; round < ROUNDS + 3; round++) {
      for (const size of SIZES) {
        const sent = statements;
        const start = performance.now();
        await request[size]();
        // The first rounds warm up.
        if (round < 3) continue;
        times[size].push(performance.now() - start);
        counts[size].push(statements - sent);
      }
      await sql.query('delete from attempts');
    }
    rows.push({ name, times, counts });
  }
  return rows;
}

async function send(method, url, headers, body, also = []) {
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok && !also.includes(answer.status)) throw new Error(`${method} ${url} returned ${answer.status}`);
  return { status: answer.status, body: await answer.json() };
}

function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function print(rows) {
  console.log(`${MEMBERS.small} and ${MEMBERS.large} members and invitations, ${ORGANIZATIONS.small} and`);
  console.log(`${ORGANIZATIONS.large} organizations; ms, ${ROUNDS} alternating rounds\n`);
  const heads = ['small p50', 'p95', 'large p50', 'p95', 'ratio p50', 'p95', 'statements'];
  console.log(`${''.padEnd(32)}${heads.map((head) => head.padStart(11)).join('')}`);
  for (const { name, times, counts } of rows) {
    const [small, large] = SIZES.map((size) => [percentile(times[size], 0.5), percentile(times[size], 0.95)]);
    const cells = [
      ...[...small, ...large].map((ms) => ms.toFixed(1)),
      (large[0] / small[0]).toFixed(1),
      (large[1] / small[1]).toFixed(1),
      SIZES.map((size) => percentile(counts[size], 0.5)).join(' / '),
    ];
    console.log(`${name.padEnd(32)}${cells.map((cell) => cell.padStart(11)).join('')}`);
  }
}
