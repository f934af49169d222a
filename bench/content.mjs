// `npm run bench:content`: publishes a content item to many organizations on one server. Prints how many of them got their event
// at each fifth, the memory of the process, and compares the last fifth with the first: the speed must not fall with
// the progress. Checks afterwards that each organization has one event.
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { buildIfStale } from '../scripts/build-if-stale.mjs';

const ORGANIZATIONS = Number(process.env.ORGANIZATIONS ?? 100_000);
const PASSWORD = 'a password for the bench';

await buildIfStale();
const { AppModule } = await import('../dist/app.module.js');
const { createApp } = await import('../dist/http/app.setup.js');
const { readConfig } = await import('../dist/common/config/index.js');
const { startEmbeddedServer } = await import('../dist/database/embedded/server.js');
const { migrate } = await import('../dist/database/migrate.js');
const { BootstrapService } = await import('../dist/provisioning/index.js');

const folder = mkdtempSync(path.join(os.tmpdir(), 'trellis-bench-'));
const server = await startEmbeddedServer({});
const sql = new pg.Pool({ connectionString: server.url, max: 2 });
let app;
try {
  await migrate(server.url);
  const config = readConfig({ DATA_DIR: folder, LOG_LEVEL: 'silent', BOOTSTRAP_ADMIN_PASSWORD: PASSWORD });
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

async function send(method, url, headers, body) {
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${url} answers ${response.status} ${answer.code}`);
  return answer;
}

async function run(api) {
  const json = { 'content-type': 'application/json' };
  const login = await send('POST', `${api}/auth/login`, json, { email: 'admin@demo.example', password: PASSWORD });
  const headers = { ...json, authorization: `Bearer ${login.accessToken}` };
  await sql.query(
    `insert into organizations (id, operator_id, slug, name, created_at)
     select uuidv7(), o.id, 'bench-' || n, 'Bench ' || n, now() from operators o, generate_series(1, $1::int) n where o.slug = 'demo'`,
    [ORGANIZATIONS],
  );
  await sql.query('vacuum analyze');
  const document = await send('POST', `${api}/admin/content`, headers, { title: 'Notice', body: 'Hello' });
  const item = `${api}/admin/content/${document.id}`;
  const started = performance.now();
  await send('POST', `${item}/publish`, headers, { version: 1 });
  console.log(`usable by all after ${Math.round(performance.now() - started)} ms`);
  /** Milliseconds at which each fifth was done. */
  const fifths = [];
  for (let done = 0; done < ORGANIZATIONS; await sleep(100)) {
    ({ done } = await send('GET', `${item}/publication`, headers));
    while (fifths.length < 5 && done >= ((fifths.length + 1) * ORGANIZATIONS) / 5) {
      fifths.push(performance.now() - started);
      const seconds = (performance.now() - started) / 1000;
      const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
      console.log(
        `${done} organizations after ${seconds.toFixed(1)} s, ${Math.round(done / seconds)}/s, ${megabytes} MB`,
      );
    }
  }
  console.log(`last fifth ÷ first fifth: ${((fifths[4] - fifths[3]) / fifths[0]).toFixed(2)} of its time`);
  const { rows } = await sql.query(
    `select count(*)::int as events, count(distinct organization_id)::int as organizations from organization_events
     where subject_id = $1 and type = 'content.published'`,
    [document.id],
  );
  console.log(`events ${rows[0].events}, organizations ${rows[0].organizations}`);
  if (rows[0].events !== ORGANIZATIONS || rows[0].organizations !== ORGANIZATIONS) process.exitCode = 1;
}
