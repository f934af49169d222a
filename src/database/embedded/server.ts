import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './binaries.js';
import { asEmbeddedServerError, EmbeddedServerError, errorCode } from './error.js';
import { findDataFolder, hasData, hasSocket, makeTemporaryFolder, type DataFolder } from './folder.js';
import { GuardedPostmaster } from './guard.js';
import { createData, passwordOf } from './initdb.js';
import { clearRemains, GRACE_MS, Orphans } from './orphans.js';
import {
  findPostmaster,
  isPostmasterOf,
  ownerIsAlive,
  readPidFile,
  recordOwner,
  type Postmaster,
} from './postmaster.js';

const POLL_MS = 30;
/** A start may take minutes: recovery after a crash replays everything since the last checkpoint. */
const START_MS = 600_000;
const PORT_TRIES = 10;
/** Time for the leftovers of a crash to go away, not counting the server's own start. */
const BLOCKED_MS = 20_000;

export interface DatabaseServer {
  /** `postgres://user:password@127.0.0.1:port/database`, for a superuser. */
  url: string;
  /** True if another process started the server. The server then ends with that process. */
  joined: boolean;
  port: number;
  /** Shuts the server down and removes a temporary folder. Does nothing for a joined server. May be called repeatedly. */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** Absolute, or relative to the working folder. Default: a temporary folder, which `stop()` removes. */
  dataDir?: string;
  /** Default true. False trades durability for speed, for tests. Ignored when joining a server. */
  durable?: boolean;
  /** Default 200. Ignored when joining a server. */
  maxConnections?: number;
}

/**
 * Starts PostgreSQL on this data folder, on a free port of 127.0.0.1, or joins the server that another Trellis process
 * has started there. The server stops with the process that started it, however that process ends.
 *
 * Throws EmbeddedServerError if PostgreSQL cannot run here, if the folder belongs to another user, is not empty or not
 * reachable, or if the server does not become ready within ten minutes.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<DatabaseServer> {
  const folder = withClearError(() => (options.dataDir ? findDataFolder(options.dataDir) : makeTemporaryFolder()));
  try {
    return await startOrJoin(folder, options);
  } catch (error) {
    if (folder.temporary) rmSync(folder.temporary, { recursive: true, force: true });
    throw asEmbeddedServerError(error);
  }
}

function withClearError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asEmbeddedServerError(error);
  }
}

async function startOrJoin(folder: DataFolder, options: EmbeddedServerOptions): Promise<DatabaseServer> {
  const starter = new Starter(folder, options);
  const orphans = new Orphans(folder.dir);
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const running = findPostmaster(folder.dir);
    const server = running ? await joinIfOwned(folder, running, orphans) : await starter.tryToStart(deadline);
    if (server) return server;
    if (running) starter.forgetObstacle();
    await sleep(POLL_MS);
  }
  throw new EmbeddedServerError(`The database in ${folder.dir} did not become ready; its log is ${folder.dir}.log.`);
}

/** Returns undefined while the server is starting, stopping or without an owner. The caller then tries again. */
async function joinIfOwned(
  folder: DataFolder,
  { pid, port, status }: Postmaster,
  orphans: Orphans,
): Promise<DatabaseServer | undefined> {
  if (!ownerIsAlive(folder.dir, pid)) orphans.endSoon(pid);
  else if (status === 'ready') return join(folder, port);
  return undefined;
}

async function join(folder: DataFolder, port: number): Promise<DatabaseServer | undefined> {
  const url = urlOf(folder, port);
  try {
    await connectOnce(url);
  } catch (error) {
    if (errorCode(error) === '28P01') throw wrongPassword(folder);
    return undefined;
  }
  return { url, joined: true, port, stop: () => Promise.resolve() };
}

/** With the Unix socket of a temporary server: a statement takes a third less time than over TCP. */
function urlOf(folder: DataFolder, port: number): string {
  const url = `postgres://app:${passwordOf(folder)}@127.0.0.1:${port}/postgres`;
  return hasSocket(folder) ? `${url}?host=${encodeURIComponent(folder.dir)}` : url;
}

async function connectOnce(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

function wrongPassword({ dir }: DataFolder): EmbeddedServerError {
  return new EmbeddedServerError(
    `The password in ${dir}.secret does not match the data in ${dir}. Restore the file that belongs to the data.`,
  );
}

/** Tries to start a server, and remembers between attempts what prevented it. */
class Starter {
  private readonly binaries: string;
  private portTries = 0;
  private blockedSince?: number;

  constructor(
    private readonly folder: DataFolder,
    private readonly options: EmbeddedServerOptions,
  ) {
    this.binaries = findBinaries(folder.user);
  }

  /** Returns undefined if another process was faster or the obstacle is temporary. The caller then tries again. */
  async tryToStart(deadline: number): Promise<DatabaseServer | undefined> {
    const { folder, options, binaries } = this;
    const durable = options.durable ?? true;
    if (!hasData(folder.dir)) await createData(folder, binaries, durable);
    const port = await freePort();
    const named = readPidFile(folder.dir);
    const strangerPid = named && !isPostmasterOf(named.pid, folder.dir) ? named.pid : undefined;
    const maxConnections = options.maxConnections ?? 200;
    const postmaster = new GuardedPostmaster(folder, { binaries, port, durable, maxConnections, strangerPid });
    try {
      if (!(await this.becomesReady(postmaster, deadline))) return undefined;
      const url = urlOf(folder, port);
      await connectOnce(url);
      return { url, joined: false, port, stop: () => stopAndTidy(postmaster, folder) };
    } catch (error) {
      await postmaster.stop();
      throw errorCode(error) === '28P01' ? wrongPassword(folder) : error;
    }
  }

  /** Resets the time of the obstacle: a server of another process was running, so it was not a leftover of a crash. */
  forgetObstacle(): void {
    this.blockedSince = undefined;
  }

  private async becomesReady(postmaster: GuardedPostmaster, deadline: number): Promise<boolean> {
    let recorded = false;
    while (!postmaster.isReady()) {
      if (postmaster.end) return this.mayTryAgain(postmaster);
      if (Date.now() > deadline) throw new EmbeddedServerError(`PostgreSQL is not ready yet: ${postmaster.log()}`);
      if (!recorded && postmaster.holdsFolder()) {
        // Recorded as early as possible, and only by the process that won the folder: other starts rely on it.
        recordOwner(this.folder.dir, postmaster.pid);
        recorded = true;
      }
      await sleep(POLL_MS);
    }
    if (!recorded) recordOwner(this.folder.dir, postmaster.pid);
    return true;
  }

  /** Returns false if another attempt may succeed. Throws if it cannot. */
  private mayTryAgain(postmaster: GuardedPostmaster): false {
    const log = postmaster.log();
    if (/could not (bind|create any TCP)/.test(log) && ++this.portTries < PORT_TRIES) return false;
    const inTheWay = /lock file "postmaster\.pid" (already exists|is empty)|pre-existing shared memory block/;
    if (inTheWay.test(log)) {
      this.blockedSince ??= Date.now();
      const blockedMs = Date.now() - this.blockedSince;
      if (blockedMs > GRACE_MS) clearRemains(this.folder.dir);
      if (blockedMs < BLOCKED_MS) return false;
    }
    throw new EmbeddedServerError(
      `PostgreSQL did not start in ${this.folder.dir}: ${postmaster.end}; its log, ${this.folder.dir}.log, ends: ${log}`,
    );
  }
}

async function stopAndTidy(postmaster: GuardedPostmaster, { temporary }: DataFolder): Promise<void> {
  await postmaster.stop();
  if (temporary) rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
}

/** Returns a port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
