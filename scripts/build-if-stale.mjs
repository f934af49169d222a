// Builds dist/ if it is out of date. Used by `npm start` and by the tests' global setup.
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
/** Longer than any build. The process id in an older lock has been reused. */
const STALE_LOCK_MS = 10 * 60_000;
/** Locks held by this process. */
const held = new Set();

/**
 * Runs `npm run build` unless `dist/.built` matches the current sources. Concurrent calls, from any number of processes,
 * build once, and each returns only when dist/ is complete.
 *
 * @param {{ root?: string, say?: (line: string) => void }} [options] root: the project folder; say: called
 *   before a build, which takes a few seconds
 * @returns {Promise<boolean>} whether this call ran the build
 * @throws {Error} when the build fails; the message ends with its output
 */
export async function buildIfStale({ root = PROJECT, say = () => {} } = {}) {
  const dist = path.join(root, 'dist');
  const stamp = path.join(dist, '.built');
  if (isFresh(root, stamp)) return false;
  mkdirSync(dist, { recursive: true });
  const lock = await takeLock(path.join(dist, '.building'), () => isFresh(root, stamp), say);
  if (!lock) return false;
  try {
    say('Building: this is the first start, or the sources have changed.');
    rmSync(stamp, { force: true });
    // Computed before the build, so that a file changed during the build triggers another one.
    const sources = fingerprint(root);
    await build(root, lock);
    writeFileSync(stamp, sources);
    return true;
  } finally {
    lock.release();
  }
}

function isFresh(root, stamp) {
  // An installation may not include the sources.
  if (!existsSync(path.join(root, 'src'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root);
}

/** Hashes names, sizes and times of all build inputs. Unlike the newest time alone, this also detects deleted files. */
function fingerprint(root) {
  const configuration = /^(package-lock\.json|\.swcrc)$/;
  const files = [
    ...readdirSync(root).filter((name) => configuration.test(name)),
    ...readdirSync(path.join(root, 'src'), { recursive: true }).map((name) => path.join('src', name)),
  ];
  const lines = files.flatMap((name) => {
    const stat = statSync(path.join(root, name), { throwIfNoEntry: false });
    return stat?.isFile() ? [`${name} ${stat.size} ${stat.mtimeMs}\n`] : [];
  });
  // The order of directory listings is not defined.
  const ordered = lines.sort((a, b) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(ordered.join(''));
  return `${hash.digest('hex')}\n`;
}

/** Builds through `npm run`, so that only package.json defines the build. */
async function build(root, lock) {
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm]] : ['npm', []];
  const child = spawn(command, [...args, 'run', 'build', '--silent'], {
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
  if (status !== 0) throw new Error(`The build failed (${status}).\n${Buffer.concat(output).toString('utf8')}`);
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildIfStale({ say: (line) => console.error(line) });
