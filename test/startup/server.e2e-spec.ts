import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { newId } from '../../src/common/ids/index.js';
import { migrate } from '../../src/database/migrate.js';
import { startFailure } from '../../src/start-failure.js';
import { freePort, runCommands, ServerProcess } from './server-process.js';

const PASSWORD = 'the password of the first start';
/** Each test starts whole processes. */
const LIMIT_MS = 300_000;
const SECRET_KEY = 'a key for tests, long enough to be one';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'trellis-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function newDatabase(): Promise<string> {
  const name = `s_${newId().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: process.env.TEST_SERVER_URL });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(process.env.TEST_SERVER_URL ?? '');
  url.pathname = `/${name}`;
  return url.href;
}

const signIn = (port: number, email: string, password: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/t/demo/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });

describe('with the embedded server', () => {
  it(
    'prints a sign-in once, recovers with its data after kill -9, is joined by another, and stops cleanly',
    async () => {
      const port = await freePort();
      const env = { DATA_DIR: path.join(folder, 'own'), PORT: String(port) };
      await mkdir(env.DATA_DIR);
      const first = new ServerProcess(env);
      await first.ready(port);
      const password = /Password {2}(\S+)/.exec(first.output)?.[1] ?? '';
      expect(first.output).toContain(`Trellis is ready at http://localhost:${port}`);
      expect((await signIn(port, 'admin@demo.example', password)).status).toBe(200);
      first.signal('SIGKILL');
      await first.end();

      const second = new ServerProcess(env);
      await second.ready(port);
      expect(second.output).not.toContain('Password');
      expect((await signIn(port, 'admin@demo.example', password)).status).toBe(200);
      // A further server in the same folder shares the database.
      const otherPort = await freePort();
      const replica = new ServerProcess({ ...env, PORT: String(otherPort) });
      await replica.ready(otherPort);
      expect((await signIn(otherPort, 'admin@demo.example', password)).status).toBe(200);
      const clash = await new ServerProcess(env).end();
      expect(clash).toEqual({ code: 1, output: `trellis: PORT ${port} is in use on 127.0.0.1: set another PORT\n` });
      expect(await replica.stop()).toMatchObject({ code: 0 });
      expect(await second.stop('SIGINT')).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );
});

/** Refuses unknown start-up parameters, as PgBouncer does. */
async function strictPooler(): Promise<{ port: number; close: () => void }> {
  const fields = 'SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0';
  const refusal = Buffer.alloc(5 + fields.length);
  refusal.write('E');
  refusal.writeInt32BE(4 + fields.length, 1);
  refusal.write(fields, 5);
  const server = net.createServer((socket) => {
    socket.once('data', (told) => told.includes('statement_timeout') && socket.end(refusal));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Uploads an SVG logo. Returns what is stored, and how many other requests were answered during the upload. */
async function uploadLogo(port: number, email: string, svg: string): Promise<{ stored: string; answered: number }> {
  const { accessToken } = (await (await signIn(port, email, PASSWORD)).json()) as { accessToken: string };
  const form = new FormData();
  form.append('file', new Blob([svg]), 'logo.svg');
  const progress = { uploading: true, answered: 0 };
  const upload = fetch(`http://127.0.0.1:${port}/t/demo/api/v1/admin/operator/branding/logo`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}` },
    body: form,
  }).finally(() => (progress.uploading = false));
  while (progress.uploading) {
    await fetch(`http://127.0.0.1:${port}/healthz`);
    progress.answered++;
  }
  const { values } = (await (await upload).json()) as { values: { logoUrl: string } };
  return { stored: await (await fetch(values.logoUrl)).text(), answered: progress.answered };
}

describe('with DATABASE_URL', () => {
  it('says in one line what a pooler refuses', async () => {
    const { port, close } = await strictPooler();
    const error = await migrate(`postgres://app@127.0.0.1:${port}/app`).catch((refusal: unknown) => refusal);
    expect(startFailure(error)).toBe(
      'cannot connect to the database of DATABASE_URL: unsupported startup parameter: statement_timeout',
    );
    close();
  });

  describe('two servers that start at once', () => {
    const ports: number[] = [];
    let env: Record<string, string>;
    let servers: ServerProcess[] = [];

    beforeAll(async () => {
      env = {
        DATA_DIR: folder,
        DATABASE_URL: await newDatabase(),
        SECRET_KEY,
        BOOTSTRAP_ADMIN_EMAIL: 'Root@Demo.example',
        BOOTSTRAP_ADMIN_PASSWORD: PASSWORD,
      };
      ports.push(await freePort(), await freePort());
      servers = ports.map((port) => new ServerProcess({ ...env, PORT: String(port) }));
      await Promise.all(servers.map((server, index) => server.ready(ports[index] ?? 0)));
    }, LIMIT_MS);

    it('migrate once and make the first operator once', async () => {
      expect(servers.filter(({ output }) => output.includes('brought up to date'))).toHaveLength(1);
      expect(servers.filter(({ output }) => output.includes('First sign-in'))).toHaveLength(1);
      expect(servers.some(({ output }) => output.includes(PASSWORD))).toBe(false);
      for (const port of ports) expect((await signIn(port, 'root@demo.example', PASSWORD)).status).toBe(200);
    });

    it('sanitize an SVG in a thread, and answer other requests meanwhile', async () => {
      const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><path d="M0 0h9v9z"/></svg>';
      const { stored, answered } = await uploadLogo(ports[0] ?? 0, 'root@demo.example', svg);
      expect(stored).toContain('<path d="M0 0h9v9z"');
      expect(stored).not.toContain('script');
      // Loading the library in the server's own thread would block it for most of a second.
      expect(answered).toBeGreaterThan(10);
    });

    it(
      'let no server with another SECRET_KEY join them',
      async () => {
        const wrong = await new ServerProcess({ ...env, SECRET_KEY: `another ${SECRET_KEY}`, PORT: '0' }).end();
        expect(wrong).toEqual({
          code: 1,
          output: 'trellis: SECRET_KEY differs from the key that this database was created with\n',
        });
      },
      LIMIT_MS,
    );

    it('stop in order', async () => {
      const ended = await Promise.all(servers.map((server) => server.stop()));
      expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    });
  });

  it(
    'has commands beside the server',
    async () => {
      const env = { DATA_DIR: folder, DATABASE_URL: await newDatabase(), SECRET_KEY };
      const create = ['create-operator', '--slug', 'acme', '--name', 'Acme', '--admin-email', 'ada@acme.example'];
      const [migrated, again, addresses, created, rotated, due] = await runCommands(env, [
        ['migrate'],
        ['migrate'],
        ['addresses'],
        create,
        ['rotate-keys', '--now'],
        ['purge', '--dry-run'],
      ]);
      expect(migrated).toContain('applied');
      expect(again).toBe('nothing to do\n');
      expect(addresses).toBe('0 addresses changed, 0 used by several accounts\n');
      expect(created).toMatch(/^created acme/);
      expect(rotated).toMatch(/^new key \S+ is used now/);
      expect(JSON.parse(due ?? '')).toMatchObject({ dryRun: true, items: [] });
      expect(await new ServerProcess(env, ['ops.js', ...create]).end()).toEqual({
        code: 1,
        output: 'ops: operators.slug_taken: Another operator has this slug. Choose a different one.\n',
      });
    },
    LIMIT_MS,
  );
});

it(
  'refuses to start on a bad value, in one line',
  async () => {
    const ended = await new ServerProcess({ DATA_DIR: folder, PURGE_CRON: 'often' }).end();
    const line = 'trellis: PURGE_CRON must be a cron expression of 5 or 6 fields, such as "*/10 * * * *"\n';
    expect(ended).toEqual({ code: 1, output: line });
  },
  LIMIT_MS,
);
