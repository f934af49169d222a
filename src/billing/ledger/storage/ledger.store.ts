import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Executor, Statement } from './executor.js';
import { type CommandBatch, readStatement, chargeEntriesStatement } from './ledger.reading.js';
import {
  organizationsWithLimits,
  type LoadedState,
  type ReadRow,
  type ChargeEntryRow,
  toStates,
} from './ledger.rows.js';
import { type DecidedBatch, writeStatement } from './ledger.writing.js';

/** Locks accounts in the order of ids, so batches of several servers queue up and never deadlock. */
const lockStatement = (organizationIds: readonly string[]): Statement => ({
  name: 'lock',
  text: `select organization_id from credit_accounts where organization_id = any ($1::uuid[])
    order by organization_id for no key update`,
  values: [organizationIds],
});

const createStatement = (organizationIds: readonly string[]): Statement => ({
  name: 'create',
  text: `insert into credit_accounts (organization_id, last_at)
    select id, date_trunc('milliseconds', clock_timestamp()) from organizations
    where id = any ($1::uuid[]) and purge_started_at is null order by id on conflict do nothing`,
  values: [organizationIds],
});

/** Size of the cache of organizations that have limits. */
const MAX_KNOWN = 10_000;

/** Reads and writes everything a decision needs and changes. */
@Injectable()
export class LedgerStore {
  /**
   * Time zones of organizations that have limits. Limits are read only for these, in windows of that time zone. A miss triggers a
   * second read.
   */
  private readonly limited = new LRUCache<string, string>({ max: MAX_KNOWN });

  /** Reads the states of the organizations that exist. Locks nothing. */
  async read(executor: Executor, batches: readonly CommandBatch[]): Promise<Map<string, LoadedState>> {
    const expected = new Map<string, string>();
    for (const { organizationId } of batches) {
      const timeZone = this.limited.get(organizationId);
      if (timeZone !== undefined) expected.set(organizationId, timeZone);
    }
    const [row] = await executor.run<ReadRow>(readStatement(batches, expected));
    if (!row) throw new Error('nothing was read');
    const missed = organizationsWithLimits(row).filter(([id, timeZone]) => expected.get(id) !== timeZone);
    if (missed.length > 0) {
      for (const [id, timeZone] of missed) this.limited.set(id, timeZone);
      return this.read(executor, batches);
    }
    const keys = (row.keys ?? []).filter(([, , , , answer]) => answer === null);
    if (keys.length === 0) return toStates(row);
    const ids = keys.map(([organizationId]) => organizationId);
    const seqs = keys.map(([, , , , , seq]) => seq ?? '');
    return toStates(row, await executor.run<ChargeEntryRow>(chargeEntriesStatement(ids, seqs)));
  }

  /** Reads like `read` and locks the accounts until the transaction ends. Creates an account on first use. */
  async readLocked(executor: Executor, batches: readonly CommandBatch[]): Promise<Map<string, LoadedState>> {
    const ids = batches.map(({ organizationId }) => organizationId).sort();
    const locked = executor.run(lockStatement(ids));
    const read = this.read(executor, batches);
    const [found, states] = await Promise.all([locked, read]);
    if (found.length === ids.length) return states;
    await executor.run(createStatement(ids.filter((id) => !states.has(id))));
    await executor.run(lockStatement(ids));
    return this.read(executor, batches);
  }

  /** Creates the account of an organization that has none, as if it were opened at this instant. */
  async openAt(executor: Executor, organizationId: string, at: number): Promise<void> {
    await executor.run({
      name: 'open_at',
      text: `insert into credit_accounts (organization_id, last_at) values ($1, to_timestamp($2::double precision / 1000))
        on conflict do nothing`,
      values: [organizationId, at],
    });
  }

  async write(executor: Executor, decided: readonly DecidedBatch[]): Promise<void> {
    const statement = writeStatement(decided);
    if (statement) await executor.run(statement);
  }
}
