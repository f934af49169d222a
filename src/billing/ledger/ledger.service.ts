import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/index.js';
import { newId } from '../../common/ids/index.js';
import { organizationErrors } from '../../organizations/index.js';
import { EventService, type NewEvent } from '../../events/index.js';
import { isRefusal, type CommandResult } from './decisions/command-result.js';
import type { Command } from './decisions/command.js';
import { decide } from './decisions/decide.js';
import { executorFor } from './storage/executor.js';
import type { LoadedState } from './storage/ledger.rows.js';
import type { Hold } from './decisions/state.js';
import { LedgerStore } from './storage/ledger.store.js';

/** Executes commands outside of the group commit, and reads the state of the ledger. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly db: Database,
    private readonly store: LedgerStore,
    private readonly events: EventService,
  ) {}

  /** Executes one command in its own transaction and records an event if it is accepted. */
  executeWithEvent(
    organizationId: string,
    command: Command,
    eventOf: (body: CommandResult['body']) => NewEvent,
  ): Promise<CommandResult> {
    return this.db.transaction(async (tx) => {
      const result = await this.execute(tx, organizationId, command);
      if (!result.replayed && !isRefusal(result)) {
        await this.events.record(tx, { kind: 'organization', id: organizationId }, eventOf(result.body));
      }
      return result;
    });
  }

  /**
   * Executes one command within `tx`, under the account's lock, for rare commands that also write other tables. Take locks
   * of organization and unit first.
   */
  async execute(tx: Tx, organizationId: string, command: Command): Promise<CommandResult> {
    const [result] = await this.executeAll(tx, organizationId, [command]);
    if (!result) throw new Error('a command was not decided');
    return result;
  }

  /** Executes one command like `execute`, as of the instant at which it was due, or of the last entry if that is later. */
  async executeDue(tx: Tx, organizationId: string, dueAt: Date, command: Command): Promise<CommandResult> {
    const [result] = await this.executeAll(tx, organizationId, [command], dueAt);
    if (!result) throw new Error('a command was not decided');
    return result;
  }

  /** Executes several commands in order, like `execute`. */
  async executeAll(
    tx: Tx,
    organizationId: string,
    commands: readonly Command[],
    dueAt?: Date,
  ): Promise<readonly CommandResult[]> {
    const executor = executorFor(tx);
    const states = await this.store.readLocked(executor, [{ organizationId, commands }]);
    const found = states.get(organizationId);
    if (!found || found.purging) throw organizationErrors.not_found();
    const now = dueAt ? Math.min(found.now, Math.max(found.lastAt, dueAt.getTime())) : found.now;
    const state = { ...found, now };
    const decision = decide(state, commands, newId);
    await this.store.write(executor, [{ state, ...decision }]);
    return decision.results;
  }

  /**
   * Executes commands as of a past instant, for an account that has no entry after it. For sample data: nothing else may
   * write history.
   */
  async executeAt(
    tx: Tx,
    organizationId: string,
    at: number,
    commands: readonly Command[],
  ): Promise<readonly CommandResult[]> {
    const executor = executorFor(tx);
    await this.store.openAt(executor, organizationId, at);
    const found = (await this.store.readLocked(executor, [{ organizationId, commands }])).get(organizationId);
    if (!found || found.lastAt > at) throw new Error('the account has entries after this instant');
    const state = { ...found, now: at };
    const decision = decide(state, commands, newId);
    const refused = decision.results.find(isRefusal);
    if (refused) throw new Error(`a command was refused: ${JSON.stringify(refused.body)}`);
    await this.store.write(executor, [{ state, ...decision }]);
    return decision.results;
  }

  /**
   * Locks the account until `tx` ends and applies due expiries. Returns the state, including what `commands` need.
   */
  async lock(tx: Tx, organizationId: string, commands: readonly Command[] = []): Promise<LoadedState> {
    const sweep: Command = { type: 'sweep', key: null, hash: '', actorId: null };
    await this.execute(tx, organizationId, sweep);
    const states = await this.store.read(executorFor(tx), [{ organizationId, commands }]);
    const state = states.get(organizationId);
    if (!state) throw organizationErrors.not_found();
    return state;
  }

  /** Finds a hold as of now: one past its expiry is returned as expired. */
  async getHold(organizationId: string, holdId: string): Promise<Hold | null> {
    const command: Command = {
      type: 'void',
      holdId,
      onlyOf: null,
      onlyUnits: null,
      key: null,
      hash: '',
      actorId: null,
    };
    const state = await this.read(organizationId, [command]);
    if (state) applyDueExpiries(state);
    return state?.holds.get(holdId) ?? null;
  }

  /** Reads the stored state without locks. Null before the first use. */
  async read(organizationId: string, commands: Command[] = []): Promise<LoadedState | null> {
    const states = await this.store.read(executorFor(this.db.reader), [{ organizationId, commands }]);
    return states.get(organizationId) ?? null;
  }

  /** Reads the stored states of several organizations at once, without those that never had credits. */
  readMany(organizationIds: readonly string[]): Promise<Map<string, LoadedState>> {
    const batches = organizationIds.map((organizationId) => ({ organizationId, commands: [] }));
    return batches.length > 0 ? this.store.read(executorFor(this.db.reader), batches) : Promise.resolve(new Map());
  }
}

/** Applies the expiries due until `until` to `state`. `until` must not be before the last entry. */
export function applyDueExpiries(state: LoadedState, until = state.now): void {
  decide(Object.assign(state, { now: until }), [], newId);
}
