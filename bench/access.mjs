// `npm run bench:access`: measures the guard. Compares reading one organization with empty routes, with fresh and cached
// access facts, by token and by API key, in alternating rounds on one server. A separate process generates the load. Prints
// requests/s and the ratio to the empty route.
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { buildIfStale } from '../scripts/build-if-stale.mjs';

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 32;
const PASSWORD = 'a password for the bench';

await buildIfStale();
const { AppModule } = await import('../dist/app.module.js');
const { createApp } = await import('../dist/http/app.setup.js');
const { Requires } = await import('../dist/common/access/index.js');
const { readConfig } = await import('../dist/common/config/index.js');
const { startEmbeddedServer } = await import('../dist/database/embedded/server.js');
const { migrate } = await import('../dist/database/migrate.js');
const { BootstrapService } = await import('../dist/provisioning/index.js');

class EmptyController {
  empty() {
    return {};
  }

  cached() {
    return {};
  }
}
Controller('t/:operator/api/v1/admin/organizations/:orgId/empty')(EmptyController);
const descriptor = Object.getOwnPropertyDescriptor(EmptyController.prototype, 'empty');
Get()(EmptyController.prototype, 'empty', descriptor);
Requires('organization', 'organization:read')(EmptyController.prototype, 'empty', descriptor);
const cachedDescriptor = Object.getOwnPropertyDescriptor(EmptyController.prototype, 'cached');
Get('cached')(EmptyController.prototype, 'cached', cachedDescriptor);
Requires('organization', 'organization:read', { cached: true })(EmptyController.prototype, 'cached', cachedDescriptor);

class BenchModule {}

const folder = mkdtempSync(path.join(os.tmpdir(), 'trellis-bench-'));
const server = await startEmbeddedServer({});
let app;
try {
  await migrate(server.url);
  const config = readConfig({
    DATA_DIR: folder,
    LOG_LEVEL: 'silent',
    RATE_LIMIT: '1000000',
    BOOTSTRAP_ADMIN_PASSWORD: PASSWORD,
  });
  Module({ imports: [AppModule.with({ url: server.url, poolSize: 20 })], controllers: [EmptyController] })(BenchModule);
  app = await createApp(BenchModule, config);
  await app.get(BootstrapService).run();
  await app.listen({ port: 0, host: '127.0.0.1' });
  await run(`${await app.getUrl()}/t/demo/api/v1`);
} finally {
  await app?.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function run(api) {
  const json = { 'content-type': 'application/json' };
  const login = await post(`${api}/auth/login`, json, { email: 'admin@demo.example', password: PASSWORD });
  const headers = { ...json, authorization: `Bearer ${login.accessToken}` };
  const { id } = await post(`${api}/admin/organizations`, headers, { name: 'Bench' });
  const organization = `${api}/admin/organizations/${id}`;
  const made = await post(`${organization}/api-keys`, headers, { name: 'Bench', role: 'admin' });
  const [token, key] = [headers.authorization, `Bearer ${made.key}`];
  const cases = [
    { name: 'empty, token', url: `${organization}/empty`, authorization: token, rates: [] },
    { name: 'GET one organization, token', url: organization, authorization: token, rates: [] },
    { name: 'empty cached, token', url: `${organization}/empty/cached`, authorization: token, rates: [] },
    { name: 'empty, API key', url: `${organization}/empty`, authorization: key, rates: [] },
    { name: 'empty cached, API key', url: `${organization}/empty/cached`, authorization: key, rates: [] },
  ];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { url, authorization, rates } of cases) {
      const rate = await load(url, authorization);
      // The first round warms up.
      if (round > 0) rates.push(rate);
    }
  }
  console.log(`${CONNECTIONS} connections, median of ${ROUNDS} rounds of ${SECONDS} s`);
  const empty = median(cases[0].rates);
  for (const { name, rates } of cases) {
    const rate = median(rates);
    console.log(
      `${name.padEnd(30)}${String(Math.round(rate)).padStart(6)} requests/s   ratio ${(rate / empty).toFixed(2)}`,
    );
  }
}

async function post(url, headers, body) {
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} returned ${answer.status}`);
  return answer.json();
}

function load(url, authorization) {
  const cli = createRequire(import.meta.url).resolve('autocannon');
  const child = spawn(
    process.execPath,
    [cli, '-c', CONNECTIONS, '-d', SECONDS, '-j', '-H', `authorization=${authorization}`, url].map(String),
  );
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  return new Promise((resolve, reject) => {
    child.on('exit', () => {
      const result = JSON.parse(output);
      if (result.non2xx > 0 || result.errors > 0)
        reject(new Error(`${result.non2xx} refused, ${result.errors} failed`));
      else resolve(result.requests.average);
    });
  });
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
