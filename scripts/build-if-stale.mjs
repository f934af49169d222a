// `npm run build`: builds the server and the console side by side, each if it is out of date. `npm start` and the tests use it
// too.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const POLL_MS = 100;
/** What is built: from which folders and files, into which folder, by which script of package.json. */
const SERVER = {
  name: 'the server',
  script: 'build:server',
  out: 'dist',
  folders: ['src'],
  files: ['package-lock.json', '.swcrc'],
};
const CONSOLE = {
  name: 'the console',
  script: 'build:console',
  // Vite empties the folder below, so the stamp lies beside it.
  out: 'console/dist',
  folders: ['console/src', 'client/src'],
  files: ['package-lock.json', 'console/index.html', 'console/vite.config.ts'],
};
/** Longer than any build. The process id in an older lock has been reused. */
const STALE_LOCK_MS = 10 * 60_000;
/** Locks held by this process. */
const held = new Set();

/**
 * Builds what does not match its sources any more. Concurrent calls, from any number of processes, build once, and each
 * returns only when the result is complete.
 *
 * @param {{ root?: string, say?: (line: string) => void, console?: boolean }} [options] root: the project folder; say:
 *   called before a build, which takes a few seconds; console: whether to build the console too
 * @returns {Promise<boolean>} whether this call ran a build
 * @throws {Error} when a build fails; the message ends with its output
 */
export async function buildIfStale({ root = PROJECT, say = () => {}, console: withConsole = false } = {}) {
  const stale = [SERVER, ...(withConsole ? [CONSOLE] : [])].filter((part) => !isFresh(root, part));
  if (stale.length === 0) return false;
  const names = stale.map(({ name }) => name).join(' and ');
  say(`Building ${names}: this is the first start, or the sources have changed.`);
  const built = await Promise.all(stale.map((part) => buildPart(root, part, say)));
  return built.some(Boolean);
}

async function buildPart(root, part, say) {
  const out = path.join(root, part.out);
  mkdirSync(out, { recursive: true });
  const lock = await takeLock(path.join(out, '.building'), () => isFresh(root, part), say);
  if (!lock) return false;
  try {
    const stamp = stampOf(root, part);
    rmSync(stamp, { force: true });
    // Computed before the build, so that a file changed during the build triggers another one.
    const sources = fingerprint(root, part);
    await build(root, part, lock);
    writeFileSync(stamp, sources);
    return true;
  } finally {
    lock.release();
  }
}

const stampOf = (root, { out }) => path.join(root, out, '.built');

function isFresh(root, part) {
  // An installation may not include the sources.
  if (!existsSync(path.join(root, part.folders[0]))) return true;
  const stamp = stampOf(root, part);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root, part);
}

/** Hashes names, sizes and times of all build inputs. Unlike the newest time alone, this also detects deleted files. */
function fingerprint(root, { folders, files }) {
  const found = folders
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.join(folder, name)),
    );
  // The build itself writes these.
  const isOutput = (name) => name.endsWith('.gen.ts') && !name.includes('generated');
  const inputs = [...files, ...found.filter((name) => !isOutput(name))];
  const lines = inputs.flatMap((name) => {
    const stat = statSync(path.join(root, name), { throwIfNoEntry: false });
    return stat?.isFile() ? [`${name} ${stat.size} ${stat.mtimeMs}\n`] : [];
  });
  // The order of directory listings is not defined.
  const ordered = lines.sort((a, b) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(ordered.join(''));
  return `${hash.digest('hex')}\n`;
}

/** Builds through `npm run`, so that only package.json defines the build. */
async function build(root, { name, script }, lock) {
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm]] : ['npm', []];
  const child = spawn(command, [...args, 'run', script, '--silent'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  lock.note(child.pid);
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) throw new Error(`Building ${name} failed (${status}).\n${Buffer.concat(output).toString('utf8')}`);
}

/**
 * Waits for the lock and returns null if another build has made it unnecessary. The lock file lists the building
 * processes and counts as held while one of them is alive, because a build continues if only its parent is killed.
 */
async function takeLock(file, unnecessary, say) {
  const mine = `${file}.${randomUUID()}`;
  const holders = [process.pid];
  let waited = false;
  while (!unnecessary()) {
    writeFileSync(mine, holders.join(' '));
    const taken = linkUnlessThere(mine, file);
    rmSync(mine, { force: true });
    if (taken) {
      held.add(file);
      return {
        note(pid) {
          writeFileSync(mine, [...holders, pid].join(' '));
          renameSync(mine, file);
        },
        release() {
          held.delete(file);
          rmSync(file, { force: true });
        },
      };
    }
    if (removeIfStale(file, mine)) continue;
    if (!waited) say('Waiting for a build started by another process.');
    waited = true;
    await sleep(POLL_MS);
  }
  return null;
}

function linkUnlessThere(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Renames a stale lock before removing it, so that only one of several processes succeeds. */
function removeIfStale(file, aside) {
  if (!isStale(file)) return false;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return true;
    throw error;
  }
  // Another process may have replaced the stale lock in the meantime.
  if (!isStale(aside)) linkUnlessThere(aside, file);
  rmSync(aside, { force: true });
  return true;
}

function isStale(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_LOCK_MS) return true;
    const pids = readFileSync(file, 'utf8').split(' ').map(Number);
    // In a container every start may have the same process id, so our own id proves nothing.
    return pids.every((pid) => (pid === process.pid ? !held.has(file) : !isRunning(pid)));
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return !isZombie(pid);
}

/** Returns whether the process is dead but not reaped by its parent, which some containers never do. */
function isZombie(pid) {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const say = (line) => process.stderr.write(`${line}\n`);
  await buildIfStale({ say, console: process.argv.includes('--console') });
}
