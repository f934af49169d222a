import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './embedded-binaries.js';
import { asEmbeddedServerError, EmbeddedServerError, errorCode } from './embedded-error.js';
import { findDataFolder, hasData, makeTemporaryFolder, type DataFolder } from './embedded-folder.js';
import { GuardedPostmaster } from './embedded-guard.js';
import { createData, passwordOf } from './embedded-initdb.js';
import { clearRemains, GRACE_MS, Orphans } from './embedded-orphans.js';
import {
  findPostmaster,
  isPostmasterOf,
  ownerIsAlive,
  readPidFile,
  recordOwner,
  type Postmaster,
} from './embedded-postmaster.js';

export { EmbeddedServerError } from './embedded-error.js';

const POLL_MS = 30;
/** Recovery after a crash reads all that was written since the last checkpoint, so a start may take minutes. */
const START_MS = 600_000;
const PORT_TRIES = 10;
/** How long what a crash left behind may take to go away; the server's own start is not counted. */
const BLOCKED_MS = 20_000;

export interface DatabaseServer {
  /** `postgres://user:password@127.0.0.1:port/database`, for a superuser. */
  url: string;
  /** True when another process started the server; it then ends with that one. */
  joined: boolean;
  port: number;
  /** Fast shutdown, and the end of a temporary folder; for a joined server nothing. May be called more than once. */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** Absolute, or relative to the working folder. Without it a temporary folder is used, which `stop()` removes. */
  dataDir?: string;
  /** Default true. False trades the data's safety for speed: for tests. Counts for the process that starts the server. */
  durable?: boolean;
  /** Default 200. Counts for the process that starts the server. */
  maxConnections?: number;
}

/**
 * Starts a PostgreSQL of our own on this data folder, on a free port of 127.0.0.1, or joins the one that another live
 * process of ours has started there. It stops with the process that started it, however that ends; a start right after
 * waits for it.
 *
 * Throws EmbeddedServerError (message = one clear line) when PostgreSQL cannot run here, when the folder is somebody
 * else's, not empty or not reachable, or when the server does not become ready within ten minutes.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<DatabaseServer> {
  const folder = explained(() => (options.dataDir ? findDataFolder(options.dataDir) : makeTemporaryFolder()));
  try {
    return await startOrJoin(folder, options);
  } catch (error) {
    if (folder.temporary) rmSync(folder.temporary, { recursive: true, force: true });
    throw asEmbeddedServerError(error);
  }
}

function explained<T>(work: () => T): T {
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

/** Undefined when the server is not ready, is about to stop, or has no owner and is therefore to stop: look again. */
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

function urlOf(folder: DataFolder, port: number): string {
  return `postgres://app:${passwordOf(folder)}@127.0.0.1:${port}/postgres`;
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
  return new EmbeddedServerError(`The password in ${dir}.secret is not that of the data in ${dir}.`);
}

/** Tries to start a server of our own, and remembers between the tries what stood in the way. */
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

  /** Undefined when another start was faster or something passing was in the way: look again. */
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

  /** Another's server was there meanwhile, so what was in the way was no remains. */
  forgetObstacle(): void {
    this.blockedSince = undefined;
  }

  private async becomesReady(postmaster: GuardedPostmaster, deadline: number): Promise<boolean> {
    let recorded = false;
    while (!postmaster.isReady()) {
      if (postmaster.end) return this.mayTryAgain(postmaster);
      if (Date.now() > deadline) throw new EmbeddedServerError(`PostgreSQL is not ready yet: ${postmaster.log()}`);
      if (!recorded && postmaster.holdsFolder()) {
        // At once, and by nobody who lost the folder to another: starts elsewhere judge the server by it.
        recordOwner(this.folder.dir, postmaster.pid);
        recorded = true;
      }
      await sleep(POLL_MS);
    }
    if (!recorded) recordOwner(this.folder.dir, postmaster.pid);
    return true;
  }

  /** @returns false, or throws when what ended the server will not pass */
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

/** A port that was free a moment ago. */
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
