import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { JobFailures } from '../common/schedule/index.js';
import { Database } from '../database/index.js';
import { PurgeMetrics } from './purge.metrics.js';
import { deletionOrder } from './purge.order.js';
import { addCounts, type PurgeItem, type PurgeReport, type PurgeState, type RowCounts, sumOf } from './purge.report.js';
import { FIRST, PurgeSteps } from './purge.steps.js';
import { type Due, PurgeStore } from './purge.store.js';

export interface PurgeOptions {
  /** Replaces the database's clock when due items are selected. */
  now?: Date;
}

interface PurgeResult {
  state: PurgeState;
  /** Whether anything was removed, so that another round is useful. */
  advanced: boolean;
}

/** The name under which failures are kept. */
const JOB = 'PurgeJob';
/** Items per query. */
const ROUND_SIZE = 500;
/** Pauses after each batch as long as the batch took, up to this limit, so that half of the time is left for other work. */
const MAX_PAUSE_MS = 500;

/** Permanently removes organizations and units seven days after their deletion. */
@Injectable()
export class PurgeService implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(PurgeService.name);
  private readonly running = new Set<Promise<PurgeReport>>();
  private stopping = false;

  constructor(
    private readonly db: Database,
    private readonly store: PurgeStore,
    private readonly steps: PurgeSteps,
    private readonly metrics: PurgeMetrics,
    private readonly failures: JobFailures,
  ) {}

  /**
   * Purges everything that is due and continues interrupted purges. Several servers may run it at once. A failed item is
   * logged, reported as `failed`, recorded as an event of the operator and does not stop the others. Throws only if the database cannot list due items.
   */
  run(options: PurgeOptions = {}): Promise<PurgeReport> {
    const run = this.rounds(options.now ?? null).finally(() => this.running.delete(run));
    this.running.add(run);
    return run;
  }

  /** Returns what a run would purge now, with rows by table. Changes nothing. */
  async preview(): Promise<PurgeReport> {
    const begun = performance.now();
    const items: PurgeItem[] = [];
    for (const due of await this.findDue(null, [], Number.MAX_SAFE_INTEGER)) {
      const item = itemOf(due);
      for (const table of deletionOrder(due.kind)) {
        const rows = await this.store.countRows(this.db.reader, table, due);
        if (rows > 0) item.counts[table.name] = rows;
      }
      items.push(item);
    }
    return { dryRun: true, seconds: secondsSince(begun), items };
  }

  onModuleDestroy(): void {
    this.stop();
  }

  /** Ends the purge in progress after its current batch. */
  stop(): void {
    this.stopping = true;
  }

  /** Waits for the running batch before the database connection is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  /** Repeats rounds until one makes no progress, because items locked by another server may become free. */
  private async rounds(now: Date | null): Promise<PurgeReport> {
    const begun = performance.now();
    const items = new Map<string, PurgeItem>();
    const failed: string[] = [];
    for (let advanced = true; advanced && !this.stopping;) {
      advanced = false;
      for (const due of await this.findDue(now, failed, ROUND_SIZE)) {
        if (this.stopping) break;
        const item = items.get(due.id) ?? itemOf(due);
        items.set(due.id, item);
        const outcome = await this.purge(due, now, item.counts);
        item.state = outcome.state;
        advanced ||= outcome.advanced;
        if (outcome.state === 'failed') failed.push(due.id);
      }
    }
    return { dryRun: false, seconds: secondsSince(begun), items: [...items.values()] };
  }

  /** Lists units first, so that a unit whose purge has started is finished before its organization. */
  private async findDue(now: Date | null, except: readonly string[], limit: number): Promise<Due[]> {
    const units = await this.store.findDue(this.db.reader, 'unit', now, limit, except);
    const organizations = await this.store.findDue(this.db.reader, 'organization', now, limit, except);
    return [...units, ...organizations];
  }

  /** Purges one organization or unit as far as possible and adds the removed rows to `counts`. Never throws. */
  private async purge(due: Due, now: Date | null, counts: RowCounts): Promise<PurgeResult> {
    const name = `${due.kind} ${due.id}`;
    const begun = performance.now();
    try {
      if (!(await this.steps.start(due, now))) return { state: 'left', advanced: false };
      this.logger.log(`purge of ${name} ${due.purgeStartedAt ? 'continues' : 'starts'}`);
      if (!(await this.removeAll(due, counts))) {
        this.logger.log(`purge of ${name} stopped after ${sumOf(counts)} rows`);
        return { state: 'left', advanced: sumOf(counts) > 0 };
      }
    } catch (error) {
      this.metrics.failed();
      this.logger.error(`purge of ${name} failed, the next run tries again`, error);
      await this.failures.failed(JOB, due, error);
      return { state: 'failed', advanced: false };
    }
    await this.failures.succeeded(JOB, due);
    this.metrics.finished(due.kind);
    this.logger.log(
      `purge of ${name} is complete: ${sumOf(counts)} rows in ${secondsSince(begun)} s ${JSON.stringify(counts)}`,
    );
    return { state: 'purged', advanced: true };
  }

  /** Returns false if it stopped early, because of a shutdown or because another server works on it. */
  private async removeAll(due: Due, counts: RowCounts): Promise<boolean> {
    if (due.kind === 'organization' && !(await this.forgetInTokens(due))) return false;
    for (let position = FIRST; !this.stopping;) {
      const begun = performance.now();
      const removal = await this.steps.remove(due, position);
      if (!removal) return false;
      addCounts(counts, removal.counts);
      this.metrics.removed(removal.counts);
      if (!removal.next) return true;
      this.logger.debug(`purge of ${due.kind} ${due.id}: ${JSON.stringify(removal.counts)}`);
      position = removal.next;
      await this.pause(begun);
    }
    return false;
  }

  private async forgetInTokens(due: Due): Promise<boolean> {
    while (!this.stopping) {
      const begun = performance.now();
      const more = await this.steps.forgetInTokens(due);
      if (!more) return more === false;
      await this.pause(begun);
    }
    return false;
  }

  private async pause(begun: number): Promise<void> {
    if (!this.stopping) await sleep(Math.min(performance.now() - begun, MAX_PAUSE_MS));
  }
}

const secondsSince = (begun: number): number => Math.round(performance.now() - begun) / 1000;

const itemOf = (due: Due): PurgeItem => ({
  kind: due.kind,
  id: due.id,
  slug: due.slug,
  organizationId: due.organizationId,
  operatorSlug: due.operatorSlug,
  deletedAt: due.deletedAt,
  purgeAt: due.purgeAt,
  startedAt: due.purgeStartedAt,
  state: 'due',
  counts: {},
});
