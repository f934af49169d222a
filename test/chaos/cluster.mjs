import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Lost, send } from './http.mjs';
import { Proxy } from './proxy.mjs';

export const ADMIN = { email: 'admin@demo.example', password: 'the very first password' };
const DIST = path.resolve(import.meta.dirname, '../../dist');
const START_MS = 120_000;
const STARTS_IN_A_ROW = 20;
/** Both servers can be starting at once, for most of a minute on a busy machine. */
const OUTAGE_MS = 180_000;
/** Lifetime of an access token. */
const TOKEN_MS = 600_000;

async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A PostgreSQL that can be killed and restarted on the same data. */
class Postgres {
  server = null;
  client = null;
  directory = '';

  constructor(folder) {
    this.dataDir = path.join(folder, 'postgres');
  }

  get port() {
    return this.server?.port ?? 0;
  }

  async start() {
    const { startEmbeddedServer } = await import('../../dist/database/embedded/server.js');
    this.server = await startEmbeddedServer({ dataDir: this.dataDir });
    const { rows } = await this.query('show data_directory');
    this.directory = rows[0].data_directory;
  }

  async kill() {
    const pid = Number((await readFile(path.join(this.directory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    await this.client?.end().catch(() => undefined);
    this.client = null;
  }

  /** Queries as the superuser, bypassing the proxies. */
  async query(text, values) {
    if (!this.client) {
      const client = new pg.Client({ connectionString: this.server.url });
      // The connection ends with PostgreSQL.
      client.on('error', () => (this.client = null));
      await client.connect();
      this.client = client;
    }
    return this.client.query(text, values);
  }

  async stop() {
    await this.client?.end().catch(() => undefined);
    await this.server?.stop();
  }
}

/** A sequence of server processes on one port, each connected to PostgreSQL through a proxy. */
class Replica {
  child = null;
  ready = false;
  /** Responses since its start. */
  answered = 0;
  failedStarts = 0;
  ended = [];
  agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  wanted = false;

  constructor(name, cluster) {
    this.name = name;
    this.cluster = cluster;
    this.proxy = new Proxy(() => cluster.postgres.port);
    this.logFile = path.join(cluster.folder, `${name}.log`);
    this.log = createWriteStream(this.logFile);
  }

  async prepare() {
    await this.proxy.listen();
    this.port = await freePort();
  }

  /** Starts the server, with retries while PostgreSQL is down or a connection was cut, as a supervisor would. */
  async start() {
    this.wanted = true;
    for (let tries = 0; tries < STARTS_IN_A_ROW; tries++) {
      if (await this.tryToStart()) return;
      if (!this.wanted) return;
      this.failedStarts++;
      await sleep(100);
    }
    throw new Error(`${this.name} did not start:\n${(await readFile(this.logFile, 'utf8')).slice(-3000)}`);
  }

  async tryToStart() {
    const { cluster } = this;
    const child = spawn(process.execPath, [path.join(DIST, 'main.js')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: cluster.environment(this.port, this.proxy.port),
    });
    this.child = child;
    this.answered = 0;
    child.stdout.pipe(this.log, { end: false });
    child.stderr.pipe(this.log, { end: false });
    child.once('exit', (code, signal) => {
      // `end` clears `ready` and `child` before it kills the process.
      const unexpected = this.child === child && this.ready;
      if (this.child === child) this.child = null;
      this.ready = false;
      if (unexpected) this.restartAfterExit(signal ?? code);
    });
    for (const begun = Date.now(); this.child === child; await sleep(50)) {
      const answer = await send(this.port, { method: 'GET', path: '/readyz' }).catch(() => null);
      // Killed in the meantime.
      if (this.child !== child) return false;
      if (answer?.status === 200) {
        this.ready = true;
        return true;
      }
      if (Date.now() - begun < START_MS) continue;
      child.kill('SIGKILL');
      throw new Error(`${this.name} is not ready after ${START_MS / 1000} s`);
    }
    return false;
  }

  restartAfterExit(how) {
    const last = readFileSync(this.logFile, 'utf8').slice(-1500);
    this.ended.push(`${this.name} (${how}): ${last}`);
    // Clients still need a server.
    this.start().catch((error) => this.ended.push(error.message));
  }

  /** Ends the process and returns its exit code, or null if it was killed. */
  async end(signal) {
    const { child } = this;
    this.wanted = false;
    this.ready = false;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = await exited;
    return code;
  }

  /** Throws Lost. */
  async send(request) {
    const answer = await send(this.port, { agent: this.agent, ...request });
    this.answered++;
    return answer;
  }
}

/** PostgreSQL and two servers on this machine, with temporary data. */
export class Cluster {
  authorization = '';
  signedInAt = -Infinity;

  /** @param {Record<string, string>} more variables of the servers */
  static async start(more) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'trellis-chaos-'));
    // As root, PostgreSQL runs as another user, who must be able to enter the folder.
    await chmod(folder, 0o755);
    const cluster = new Cluster(folder, more);
    try {
      await cluster.postgres.start();
      await Promise.all(cluster.replicas.map((replica) => replica.prepare()));
      await Promise.all(cluster.replicas.map((replica) => replica.start()));
      await cluster.signIn();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  constructor(folder, more) {
    this.folder = folder;
    this.more = more;
    this.postgres = new Postgres(folder);
    this.replicas = ['first', 'second'].map((name) => new Replica(name, this));
    // Do not leave servers behind when this process is terminated.
    process.once('exit', () => this.replicas.forEach(({ child }) => child?.kill('SIGKILL')));
  }

  environment(port, databasePort) {
    const url = new URL(this.postgres.server.url);
    url.port = String(databasePort);
    return {
      PATH: process.env.PATH,
      // Speeds up starts from Node 22 on.
      NODE_COMPILE_CACHE: path.join(this.folder, 'compiled'),
      PORT: String(port),
      HOST: '127.0.0.1',
      // Both servers must use the same URL, because it is the issuer of their tokens.
      BASE_URL: 'http://trellis.example',
      METRICS_PORT: '0',
      // Amounts are random here, and a second person is not what is tested.
      ADJUSTMENT_LIMIT: '1000000000',
      DATABASE_URL: url.href,
      DATA_DIR: this.folder,
      SECRET_KEY: 'a key under faults, long enough to be one',
      BOOTSTRAP_ADMIN_EMAIL: ADMIN.email,
      BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
      RATE_LIMIT: '1000000',
      LOG_LEVEL: 'warn',
      ...this.more,
      PURGE_CRON: '0 0 1 1 *',
    };
  }

  /** Sends a request to any server and retries until the response is not 503. For requests that are not under test. */
  async ask(request) {
    const begun = performance.now();
    for (let tries = 0; ; tries++) {
      const replica = this.replicas[tries % this.replicas.length];
      try {
        const answer = await replica.send({ headers: { authorization: this.authorization }, ...request });
        if (answer.status !== 503) return answer;
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
      }
      if (performance.now() - begun > OUTAGE_MS) throw new Error(`no server answers ${request.path}`);
      await sleep(100);
    }
  }

  /** Signs in again after a token is refused. Concurrent callers share one sign-in. */
  signIn() {
    this.signingIn ??= this.takeToken().finally(() => (this.signingIn = null));
    return this.signingIn;
  }

  /** Makes sure that the token stays valid for the next steps. */
  async staySignedIn() {
    if (performance.now() - this.signedInAt > TOKEN_MS / 2) await this.signIn();
  }

  async takeToken() {
    const { status, body } = await this.ask({ path: '/t/demo/api/v1/auth/login', body: ADMIN, headers: {} });
    if (status !== 200) throw new Error(`signing in returned ${status} ${body.code}`);
    this.authorization = `Bearer ${body.accessToken}`;
    this.signedInAt = performance.now();
    this.admin = body.user.id;
  }

  /** Runs ops.js and returns its output and exit code. */
  async ops(...args) {
    const child = spawn(process.execPath, [path.join(DIST, 'ops.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.environment(0, this.postgres.port),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    const [code] = await once(child, 'close');
    return { code, output };
  }

  /** Stops everything and removes the folder, except for the server logs if `keepLogs`. */
  async stop({ keepLogs = false } = {}) {
    await Promise.all(this.replicas.map((replica) => replica.end('SIGKILL')));
    for (const { proxy, agent, log } of this.replicas) {
      proxy.close();
      agent.destroy();
      log.end();
    }
    await this.postgres.stop();
    await rm(keepLogs ? path.join(this.folder, 'postgres') : this.folder, { recursive: true, force: true });
  }
}
