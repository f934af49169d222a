// Builds dist/ when the sources are not those it was built from. Used by `npm start` and by the tests' global setup.
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
/** No build takes this long; the process number in an older lock belongs to somebody else by now. */
const STALE_LOCK_MS = 10 * 60_000;
/** The locks this process holds. */
const held = new Set();

/**
 * Runs `npm run build` unless `dist/.built` says that dist/ was built from the sources as they are. Calls at the same
 * time, from any number of processes, build once, and each returns only when dist/ is whole.
 *
 * @param {{ root?: string, say?: (line: string) => void }} [options] root: the project's folder; say: told before a
 *   build, which takes some seconds
 * @returns {Promise<boolean>} whether this call has built
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
    // Taken before the build, so that a file changed meanwhile makes the next start build again.
    const sources = fingerprint(root);
    await build(root, lock);
    writeFileSync(stamp, sources);
    return true;
  } finally {
    lock.release();
  }
}

function isFresh(root, stamp) {
  // An installation may come without sources.
  if (!existsSync(path.join(root, 'src'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root);
}

/** Names, sizes and times of all that goes into the build. Unlike the newest time alone it also sees what is deleted. */
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
  // Folders are listed in no order that could be relied on.
  const ordered = lines.sort((a, b) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(ordered.join(''));
  return `${hash.digest('hex')}\n`;
}

/** Through `npm run`, so that package.json alone says what a build is. */
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
 * Waits for the lock; null when another build has made it unnecessary. The lock file names whoever builds, and is held
 * as long as one of them lives: a build goes on when only the process that asked for it is killed.
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
    if (!waited) say('Waiting for a build that another start has begun.');
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

/** Moves the lock away before it removes it, so that of several processes only one does. */
function removeIfStale(file, aside) {
  if (!isStale(file)) return false;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return true;
    throw error;
  }
  // Meanwhile another may have removed the stale one and made its own.
  if (!isStale(aside)) linkUnlessThere(aside, file);
  rmSync(aside, { force: true });
  return true;
}

function isStale(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_LOCK_MS) return true;
    const pids = readFileSync(file, 'utf8').split(' ').map(Number);
    // In a container every start has the same number, so our own says nothing by itself.
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

/** Dead, but not yet collected by its parent, which some containers never do. */
function isZombie(pid) {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildIfStale({ say: (line) => console.error(line) });
