import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedServerError } from './error.js';
import { findPostmaster, isPostmasterOf, sendSignal, serverProcesses } from './postmaster.js';

/** A server whose owner died stops by itself. After this time it is signaled. */
export const GRACE_MS = 5_000;
const QUIT_MS = 20_000;
const GIVE_UP_MS = 40_000;

/** Stops servers whose owner is gone. Normally their guard does, but it may have been killed as well. */
export class Orphans {
  private pid = 0;
  private since = 0;
  private signalled?: NodeJS.Signals;

  constructor(private readonly dir: string) {}

  /** Call repeatedly while the orphan runs. Throws EmbeddedServerError if it does not stop. */
  endSoon(pid: number): void {
    if (pid !== this.pid) {
      this.pid = pid;
      this.since = Date.now();
      this.signalled = undefined;
    }
    const ageMs = Date.now() - this.since;
    if (ageMs > GIVE_UP_MS) {
      throw new EmbeddedServerError(
        `An orphaned PostgreSQL (process ${pid}) runs in ${this.dir} and does not stop. End it, then start again.`,
      );
    }
    if (ageMs > QUIT_MS) this.signal('SIGQUIT');
    else if (ageMs > GRACE_MS) this.signal('SIGINT');
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.signalled === signal || !isPostmasterOf(this.pid, this.dir)) return;
    sendSignal(this.pid, signal);
    this.signalled = signal;
  }
}

/**
 * Cleans up what PostgreSQL itself does not after a crash: children of a killed server that were too busy to notice,
 * and an empty `postmaster.pid` (power failure between creating and writing it).
 */
export function clearRemains(dir: string): void {
  if (findPostmaster(dir)) return;
  for (const pid of serverProcesses(dir)) sendSignal(pid, 'SIGQUIT');
  const file = path.join(dir, 'postmaster.pid');
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.size === 0 && Date.now() - stat.mtimeMs > GRACE_MS) rmSync(file, { force: true });
}
