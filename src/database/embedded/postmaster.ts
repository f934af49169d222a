import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from './error.js';

/** The content of `postmaster.pid`. `port` is 0 and `status` is `starting` until the server has written them. */
export interface Postmaster {
  pid: number;
  port: number;
  status: 'starting' | 'ready' | 'stopping';
}

/** Reads `postmaster.pid`, which may be left over from a server that is gone. Null if it is missing or empty. */
export function readPidFile(dataDir: string): Postmaster | null {
  const lines = readIfThere(path.join(dataDir, 'postmaster.pid'))?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  const status = lines[7]?.trim();
  return {
    pid,
    port: Number(lines[3] ?? 0),
    status: status === 'ready' || status === 'stopping' ? status : 'starting',
  };
}

/** Returns the server that runs on this data folder, whichever process started it, or null. */
export function findPostmaster(dataDir: string): Postmaster | null {
  const named = readPidFile(dataDir);
  return named && isPostmasterOf(named.pid, dataDir) ? named : null;
}

/**
 * Tells whether a process is the PostgreSQL server of this data folder. After a crash the process id in
 * `postmaster.pid` may belong to any program. The server's children have other command lines and do not count.
 */
export function isPostmasterOf(pid: number, dataDir: string): boolean {
  if (processStart(pid) === null) return false;
  if (!hasProc()) {
    const command = readProcessInfo(pid, 'command=');
    return command !== null && /(^|\/)postgres /.test(command) && command.includes(dataDir);
  }
  const args = readIfThere(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  return path.basename(args[0] ?? '') === 'postgres' && (args.includes(dataDir) || workingFolder(pid) === dataDir);
}

/**
 * Returns the processes of a server on this data folder whose postmaster was killed, before busy children notice.
 * Works only on systems with /proc.
 */
export function serverProcesses(dataDir: string): number[] {
  if (!hasProc()) return [];
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter(
    (pid) => workingFolder(pid) === dataDir && /^([^\0]*\/)?postgres\b/.test(readIfThere(`/proc/${pid}/cmdline`) ?? ''),
  );
}

function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/**
 * Returns a text that identifies a process among all with the same process id, even across a reboot. Null if the
 * process is not running. A zombie counts as not running.
 */
export function processStart(pid: number): string | null {
  if (!hasProc()) {
    const [state = '', ...started] = (readProcessInfo(pid, 'stat=,lstart=') ?? '').trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? null : started.join(' ');
  }
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may itself contain spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, started] = [fields[0], fields[19]];
  if (!started || state === 'Z' || state === 'X') return null;
  return `${readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''} ${started}`;
}

/** Sends a signal to a process that may have ended meanwhile. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Records in `<dataDir>.owner` that this process started the server, so that others can detect an orphan. */
export function recordOwner(dataDir: string, postmasterPid: number): void {
  const record = { pid: process.pid, started: processStart(process.pid), postmasterPid };
  const part = `${dataDir}.owner.${process.pid}`;
  writeFileSync(part, `${JSON.stringify(record)}\n`, { mode: 0o644 });
  renameSync(part, `${dataDir}.owner`);
}

/** Tells whether the process that started this server is still running. */
export function ownerIsAlive(dataDir: string, postmasterPid: number): boolean {
  const record = readOwner(`${dataDir}.owner`);
  return record?.postmasterPid === postmasterPid && processStart(record.pid) === record.started;
}

/** Returns null also for a file that a power failure left empty. */
function readOwner(file: string): { pid: number; started: string; postmasterPid: number } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; started: string; postmasterPid: number };
  } catch {
    return null;
  }
}

function hasProc(): boolean {
  return existsSync('/proc/self/stat');
}

function readProcessInfo(pid: number, columns: string): string | null {
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync('ps', ['-ww', '-o', columns, '-p', String(pid)], { encoding: 'utf8', env });
  } catch {
    return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
