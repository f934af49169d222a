import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { serverEnvironment } from './binaries.js';
import { EmbeddedServerError, errorCode } from './error.js';
import { hasData, type DataFolder } from './folder.js';
import { processStart } from './postmaster.js';
import { giveTo, type ServerUser } from './user.js';

const TEN_MINUTES_MS = 600_000;

/**
 * Returns the password of the server's only user from `<dir>.secret` (0600). It is created before the data and never
 * again, so simultaneous starts initialize with the same password.
 */
export function passwordOf({ dir }: DataFolder): string {
  const file = `${dir}.secret`;
  if (!existsSync(file)) {
    if (hasData(dir))
      throw new EmbeddedServerError(
        `${file} with the database password of ${dir} is missing. Restore it, or move ${dir} away to start empty.`,
      );
    createWhole(file, `${randomBytes(24).toString('base64url')}\n`);
  }
  return readFileSync(file, 'utf8').trim();
}

/** Creates a file atomically, even across a power failure. Keeps an existing file. */
function createWhole(file: string, text: string): void {
  const part = `${file}.${process.pid}`;
  writeFileSync(part, text, { mode: 0o600, flush: true });
  try {
    linkSync(part, file);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(part, { force: true });
  }
}

/**
 * Runs initdb in a folder beside `dir` and renames it, so `dir` is never incomplete, even if this process is killed.
 * Simultaneous starts may all do this: one rename succeeds, and all use its data.
 */
export async function createData(folder: DataFolder, binaries: string, durable: boolean): Promise<void> {
  const { dir, user } = folder;
  if (existsSync(dir) && readdirSync(dir).length > 0 && !hasData(dir)) {
    throw new EmbeddedServerError(`${dir} is meant for the database, but is not empty and holds no PostgreSQL data.`);
  }
  removeAbandoned(dir);
  const part = mkdtempSync(`${dir}.init-${process.pid}-`);
  try {
    const data = path.join(part, 'data');
    const passwordFile = path.join(part, 'password');
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(passwordFile, `${passwordOf(folder)}\n`, { mode: 0o600 });
    for (const item of [part, data, passwordFile]) giveTo(user, item);
    await initdb(binaries, data, passwordFile, user, durable);
    moveIntoPlace(data, dir);
  } finally {
    rmSync(part, { recursive: true, force: true, maxRetries: 3 });
  }
}

function moveIntoPlace(data: string, dir: string): void {
  try {
    renameSync(data, dir);
  } catch (error) {
    if (hasData(dir)) return;
    if (errorCode(error) !== 'EBUSY' && errorCode(error) !== 'EXDEV') throw error;
    throw new EmbeddedServerError(`${dir} is a mount point, which cannot be replaced: name a folder below it.`);
  }
  const parent = openSync(path.dirname(dir), 'r');
  fsyncSync(parent);
  closeSync(parent);
}

async function initdb(
  binaries: string,
  data: string,
  passwordFile: string,
  user: ServerUser,
  durable: boolean,
): Promise<void> {
  const access = ['-U', 'app', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  const locale = ['-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const speed = durable ? [] : ['--no-sync', '--no-data-checksums'];
  const args = ['-D', data, ...access, ...locale, ...speed, '--no-instructions'];
  const child = spawn(path.join(binaries, 'bin', 'initdb'), args, {
    ...user.ids,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-2000);
  });
  const status = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (status === 0) return;
  const lines = output.trim().replaceAll(/\s*\n\s*/g, ' | ');
  throw new EmbeddedServerError(`initdb failed (${status}) in ${path.dirname(data)}: ${lines}`);
}

/**
 * Removes folders of starts that were killed during initdb. Age decides too, because in a container every start has
 * the same process id.
 */
function removeAbandoned(dir: string): void {
  const prefix = `${path.basename(dir)}.init-`;
  for (const name of readdirSync(path.dirname(dir)).filter((entry) => entry.startsWith(prefix))) {
    const abandoned = path.join(path.dirname(dir), name);
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    const made = statSync(abandoned, { throwIfNoEntry: false })?.mtimeMs;
    if (made === undefined) continue;
    if (processStart(pid) !== null && Date.now() - made < TEN_MINUTES_MS) continue;
    try {
      rmSync(abandoned, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // Its initdb outlived the process and is still writing. The next start tries again.
    }
  }
}
