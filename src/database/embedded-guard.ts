import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverEnvironment } from './embedded-binaries.js';
import type { DataFolder } from './embedded-folder.js';
import { isPostmasterOf, readPidFile, sendSignal } from './embedded-postmaster.js';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
const POLL_MS = 20;
/** A fast shutdown writes all that is in memory to disk; past this the server stops at once and recovers at its start. */
const FAST_SHUTDOWN_MS = 60_000;

/**
 * Starts the server, says its process number, and stops it when our end of the pipe closes, which it also does when we
 * are killed. Signals meant for the whole service must not take the guard away before the server. A temporary folder
 * is removed here too, since we may not be there to do it.
 */
const GUARD = `
trap '' HUP INT TERM
temporary=$1; shift
exec 3<&0
"$@" </dev/null 3<&- >&2 &
server=$!
echo $server
exec >&2
(read -r _ <&3; kill -INT $server) &
watcher=$!
exec 3<&-
wait $server
status=$?
kill -KILL $watcher 2>/dev/null
[ -z "$temporary" ] || rm -rf -- "$temporary"
exit $status
`;

export interface GuardOptions {
  binaries: string;
  port: number;
  durable: boolean;
  maxConnections: number;
  /** A process that `postmaster.pid` names though it is no server of ours. */
  strangerPid?: number;
}

/** A server process of ours, together with the shell that looks after it. */
export class GuardedPostmaster {
  /** The server's process number; 0 until the guard has said it. */
  pid = 0;
  /** Why the guard ended, once it has. */
  end?: string;
  private readonly child: ChildProcess;
  private readonly logStart: number;
  private stopping?: Promise<void>;

  constructor(
    private readonly folder: DataFolder,
    options: GuardOptions,
  ) {
    const log = openSync(this.logFile, 'a', 0o600);
    if (fstatSync(log).size > MAX_LOG_BYTES) ftruncateSync(log);
    this.logStart = fstatSync(log).size;
    const command = [path.join(options.binaries, 'bin', 'postgres'), ...serverArguments(folder.dir, options)];
    this.child = spawn('/bin/sh', ['-c', GUARD, 'sh', folder.temporary ?? '', ...command], {
      ...folder.user.ids,
      cwd: '/',
      // PostgreSQL refuses to start while the process named in postmaster.pid lives, unless it is this one.
      env: { ...serverEnvironment(), ...(options.strangerPid ? { PG_GRANDPARENT_PID: `${options.strangerPid}` } : {}) },
      stdio: ['pipe', 'pipe', log],
      detached: true,
    });
    closeSync(log);
    this.listen();
  }

  private get logFile(): string {
    return `${this.folder.dir}.log`;
  }

  private listen(): void {
    const { child } = this;
    child.once('error', (error) => (this.end = error.message));
    // Not `exit`, which may come before the server's number has been read.
    child.once('close', (code, signal) => (this.end = `it ended with ${signal ?? `status ${code}`}`));
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.pid = Number.parseInt(text, 10)));
    // Nobody should have to call stop() only to let the process end; its end stops the server as well.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref();
  }

  /** Whether `postmaster.pid` names this server, so that it is the one on its data folder. */
  holdsFolder(): boolean {
    return this.pid > 0 && readPidFile(this.folder.dir)?.pid === this.pid;
  }

  isReady(): boolean {
    return this.holdsFolder() && readPidFile(this.folder.dir)?.status === 'ready';
  }

  /** What the server wrote since its start, without what others wrote to the same file meanwhile. */
  log(): string {
    const lines = readFileSync(this.logFile).subarray(this.logStart).toString('utf8').trim().split('\n');
    const own = lines.filter((line) => line.includes(`[${this.pid}]`));
    return (own.length > 0 ? own : lines).slice(-6).join(' | ');
  }

  /** Fast shutdown; resolves when the server is gone. Any number of calls share it. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    this.child.stdin?.end();
    const giveUp = Date.now() + FAST_SHUTDOWN_MS;
    let signalled: NodeJS.Signals | undefined;
    while (!this.isGone()) {
      // Without its guard the server has not been told; and one that cannot finish is told more firmly.
      const due = Date.now() > giveUp ? 'SIGQUIT' : this.end ? 'SIGINT' : undefined;
      if (due && due !== signalled && isPostmasterOf(this.pid, this.folder.dir)) sendSignal(this.pid, due);
      signalled = due;
      await sleep(POLL_MS);
    }
  }

  private isGone(): boolean {
    if (!this.end) return false;
    return this.pid === 0 || !isPostmasterOf(this.pid, this.folder.dir);
  }
}

function serverArguments(dir: string, { port, durable, maxConnections }: GuardOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(maxConnections),
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The application sees its failed statements itself; in this file they would leave personal data behind.
    log_min_messages: 'log',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: '%m [%p] ',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dir, '-p', String(port), ...options];
}
