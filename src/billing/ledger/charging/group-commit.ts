import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../../common/config/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { databaseTrouble } from '../../../http/index.js';
import { newId } from '../../../common/ids/index.js';
import { organizationErrors } from '../../../organizations/index.js';
import { billingErrors } from '../billing.errors.js';
import { type CommandResult, toErrorResponse } from '../decisions/command-result.js';
import type { Command } from '../decisions/command.js';
import { decide } from '../decisions/decide.js';
import { LedgerStore } from '../storage/ledger.store.js';
import type { DecidedBatch } from '../storage/ledger.writing.js';
import { ChargeMetrics } from './charge-metrics.js';
import { MAX_CONCURRENT_TRANSACTIONS, LedgerConnections } from './ledger.connections.js';
import { type QueueBatch, FairQueue } from './fair-queue.js';

/** Most waiting commands of one organization. */
const MAX_WAITING = 10_000;
/** Most waiting work of one organization, by the average time of a batch. */
const MAX_WAITING_MS = 250;
/** How long a batch is retried while the database is unavailable. */
const GIVE_UP_AFTER_MS = 10_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
const POLL_MS = 10;
/** Weight of the newest batch in the average batch time. */
const WEIGHT = 0.1;
/** Limits responses per tick: sending them takes long, and each one brings the next request. */
const RESPONSES_PER_TICK = 16;

interface PendingCommand {
  readonly command: Command;
  readonly since: number;
  /** True after a retry: the response stored for its key may be the one of this request. */
  retried: boolean;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: unknown) => void;
}

type Batch = QueueBatch<PendingCommand>[];

interface DecidedCommand {
  readonly pending: PendingCommand;
  readonly result: CommandResult | undefined;
}

/** Tells whether a retry can succeed: the database was unavailable, or the transaction lost a conflict. */
const isTransientError = (error: unknown): boolean =>
  databaseTrouble(error) === 'unavailable' || ['40001', '40P01'].includes((error as { code?: string }).code ?? '');

const ORGANIZATION_NOT_FOUND: CommandResult = { ...toErrorResponse(organizationErrors.not_found()), replayed: false };

/**
 * Executes the commands of many callers in one transaction. While a batch is committed, the next one gathers. Responses are
 * sent only after the commit, so a crash loses nothing that was acknowledged. See billing/ledger/README.md.
 */
@Injectable()
export class GroupCommit implements OnApplicationShutdown {
  private readonly logger = new Logger('GroupCommit');
  private readonly queue: FairQueue<PendingCommand>;
  private readonly responses = new FairQueue<DecidedCommand>({
    perOrganization: RESPONSES_PER_TICK,
    maxBatchSize: RESPONSES_PER_TICK,
  });
  private responding = false;
  private running = 0;
  private averageMs = 5;
  private stopping = false;

  constructor(
    private readonly config: Config,
    private readonly connections: LedgerConnections,
    private readonly store: LedgerStore,
    private readonly metrics: ChargeMetrics,
  ) {
    const size = config.creditBatchSize;
    this.queue = new FairQueue({ perOrganization: size, maxBatchSize: size });
    metrics.observeQueue(() => this.queue.size);
  }

  /**
   * Queues commands of one organization, in order, and resolves after the commit. Rejects with billing.busy when too
   * many wait. Rejects with unavailable when the database stays unreachable. The command may then have been executed,
   * which its key tells.
   */
  submit(organizationId: string, commands: readonly Command[]): Promise<CommandResult[]> {
    const waiting = this.queue.lengthOf(organizationId);
    const workMs = Math.floor(waiting / this.config.creditBatchSize) * this.averageMs;
    if (waiting >= MAX_WAITING || workMs > MAX_WAITING_MS) {
      this.metrics.busy(commands.length);
      return Promise.reject(billingErrors.busy({ retryAfterSeconds: 1 }));
    }
    const since = performance.now();
    const items: PendingCommand[] = [];
    const results = commands.map(
      (command) =>
        new Promise<CommandResult>((resolve, reject) => {
          items.push({ command, since, retried: false, resolve, reject });
        }),
    );
    this.queue.add(organizationId, items);
    this.wake();
    return Promise.all(results);
  }

  /** Finishes queued commands. No new requests arrive by then. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    while (this.running > 0 || this.responding) await sleep(POLL_MS);
    await this.connections.close();
  }

  /** Starts serving after this tick, so requests that were read together share a batch. */
  private wake(): void {
    if (this.running >= MAX_CONCURRENT_TRANSACTIONS) return;
    this.running++;
    setImmediate(() => void this.serve());
  }

  private async serve(): Promise<void> {
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      // Serves other organizations meanwhile.
      if (this.queue.hasWaiting) this.wake();
      // Settles every command itself. If it ever fails to, the queues must not stall.
      await this.complete(batch).catch((error: unknown) => this.giveUp(batch, error));
      for (const { organizationId } of batch) this.queue.done(organizationId);
    }
    // In the same tick as the last `take`, so a command added from here on starts a new run.
    this.running--;
  }

  private take(): Batch {
    return this.queue.take(this.config.gatherOrganizations ?? !this.connections.distributed);
  }

  /** Settles every command of the batch. Never throws. */
  private async complete(batch: Batch): Promise<void> {
    const begun = performance.now();
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      try {
        await this.attempt(batch);
        return;
      } catch (error) {
        if (!isTransientError(error)) return this.isolate(batch, error);
        if (this.stopping || performance.now() - begun > GIVE_UP_AFTER_MS) return this.giveUp(batch, error);
        this.logger.warn(`a batch of credit commands is retried: ${String(error)}`);
        this.metrics.retried();
        for (const { items } of batch) for (const item of items) item.retried = true;
        await sleep(pause * (0.5 + Math.random()));
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  private async attempt(batch: Batch): Promise<void> {
    const begun = performance.now();
    const oldest = Math.min(...batch.map(({ items }) => items[0]?.since ?? begun));
    const commands = batch.reduce((sum, { items }) => sum + items.length, 0);
    this.metrics.started(commands, batch.length, (begun - oldest) / 1000);
    const results = await this.connections.transaction(async (tx) => {
      const batches = batch.map(({ organizationId, items }) => ({
        organizationId,
        commands: items.map(({ command }) => command),
      }));
      const states = await this.store.readLocked(tx, batches);
      const decided: DecidedBatch[] = [];
      const all = batches.map((commandBatch): readonly CommandResult[] => {
        const state = states.get(commandBatch.organizationId);
        if (!state || state.purging) return commandBatch.commands.map(() => ORGANIZATION_NOT_FOUND);
        const decision = { state, ...decide(state, commandBatch.commands, newId) };
        decided.push(decision);
        return decision.results;
      });
      await tx.pipelined(() => Promise.all([this.store.write(tx, decided), tx.commit()]));
      return all;
    });
    const ms = performance.now() - begun;
    this.averageMs += (ms - this.averageMs) * WEIGHT;
    this.metrics.committed(ms / 1000);
    batch.forEach(({ organizationId, items }, position) => {
      const decidedCommands = items.map((pending, index) => ({ pending, result: results[position]?.[index] }));
      this.responses.add(organizationId, decidedCommands);
    });
    if (!this.responding) this.respondToSome();
  }

  /** Responds in turns of organizations, so one with hundreds of callers does not delay the others. */
  private respondToSome(): void {
    for (const { organizationId, items } of this.responses.take()) {
      for (const { pending, result } of items) respond(pending, result);
      this.responses.done(organizationId);
    }
    this.responding = this.responses.hasWaiting;
    if (this.responding) setImmediate(() => this.respondToSome());
  }

  /** Splits a failing batch in halves down to the command that causes it, so that only this one fails. */
  private async isolate(batch: Batch, error: unknown): Promise<void> {
    const [first, ...others] = batch;
    if (!first) return;
    if (others.length > 0) {
      const middle = Math.ceil(batch.length / 2);
      await this.complete(batch.slice(0, middle));
      return this.complete(batch.slice(middle));
    }
    const { organizationId, items } = first;
    if (items.length > 1) {
      const middle = Math.ceil(items.length / 2);
      await this.complete([{ organizationId, items: items.slice(0, middle) }]);
      return this.complete([{ organizationId, items: items.slice(middle) }]);
    }
    this.logger.error(`a credit command of organization ${organizationId} failed`, error);
    for (const { reject } of items) reject(error);
  }

  private giveUp(batch: Batch, error: unknown): void {
    this.logger.error('a batch of credit commands was given up', error);
    for (const { items } of batch) {
      for (const { reject } of items) reject(commonErrors.unavailable({ retryAfterSeconds: 1 }));
    }
  }
}

function respond({ retried, resolve, reject }: PendingCommand, result: CommandResult | undefined): void {
  if (!result) reject(new Error('a command was not decided'));
  // The stored response may come from the previous attempt, which sent none.
  else resolve(retried ? { ...result, replayed: false } : result);
}
