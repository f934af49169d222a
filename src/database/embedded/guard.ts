import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverEnvironment } from './binaries.js';
import { type DataFolder, hasSocket } from './folder.js';
import { isPostmasterOf, readPidFile, sendSignal } from './postmaster.js';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
const POLL_MS = 20;
/** Time for a fast shutdown, which writes all dirty pages. After it the server is stopped hard and recovers on its next start. */
const FAST_SHUTDOWN_MS = 60_000;

/**
 * Starts the server, prints its process id, and stops it when this process closes its end of the pipe, which also
 * happens when this process is killed. Ignores signals sent to the whole process group, so that the guard outlives the
 * server. Also removes the temporary folder, since this process may no longer exist then.
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
  /** A process named by `postmaster.pid` that is not a server on this folder. */
  strangerPid?: number;
}

/** A PostgreSQL server that this process started, together with the shell that guards it. */
export class GuardedPostmaster {
  /** The server's process id, 0 until the guard has printed it. */
  pid = 0;
  /** Why the guard ended, undefined while it runs. */
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
    const command = [path.join(options.binaries, 'bin', 'postgres'), ...serverArguments(folder, options)];
    this.child = spawn('/bin/sh', ['-c', GUARD, 'sh', folder.temporary ?? '', ...command], {
      ...folder.user.ids,
      cwd: '/',
      // PostgreSQL refuses to start while the process named in postmaster.pid is alive, unless this variable names it.
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
    // Not `exit`, which may come before the server's process id has been read.
    child.once('close', (code, signal) => (this.end = `it ended with ${signal ?? `status ${code}`}`));
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.pid = Number.parseInt(text, 10)));
    // Lets this process end without a call of stop(). Its end stops the server as well.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref();
  }

  /** Tells whether `postmaster.pid` names this server, that is, whether it owns the data folder. */
  holdsFolder(): boolean {
    return this.pid > 0 && readPidFile(this.folder.dir)?.pid === this.pid;
  }

  isReady(): boolean {
    return this.holdsFolder() && readPidFile(this.folder.dir)?.status === 'ready';
  }

  /** Returns the end of what this server has logged, without lines of other servers in the same file. */
  log(): string {
    const lines = readFileSync(this.logFile).subarray(this.logStart).toString('utf8').trim().split('\n');
    const own = lines.filter((line) => line.includes(`[${this.pid}]`));
    return (own.length > 0 ? own : lines).slice(-6).join(' | ');
  }

  /** Shuts the server down and resolves when it is gone. Calls share one shutdown. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    this.child.stdin?.end();
    const giveUp = Date.now() + FAST_SHUTDOWN_MS;
    let signalled: NodeJS.Signals | undefined;
    while (!this.isGone()) {
      // Signals the server directly if its guard is gone, and harder if it does not finish in time.
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

function serverArguments(folder: DataFolder, { port, durable, maxConnections }: GuardOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: hasSocket(folder) ? folder.dir : '',
    max_connections: String(maxConnections),
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The application logs its failed statements itself. In this file they would leave personal data behind.
    log_min_messages: 'log',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: '%m [%p] ',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', folder.dir, '-p', String(port), ...options];
}
