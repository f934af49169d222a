import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../common/database/index.js';
import { newId } from '../../common/ids/index.js';
import { organizationErrors } from '../../organizations/index.js';
import { Events, type NewEvent } from '../../events/index.js';
import { isRefusal, type CommandResult } from './decisions/command-result.js';
import type { Command } from './decisions/command.js';
import { decide } from './decisions/decide.js';
import { executorFor } from './storage/executor.js';
import type { LoadedState } from './storage/ledger.rows.js';
import type { Hold } from './decisions/state.js';
import { LedgerStore } from './storage/ledger.store.js';

/** Credits as they move beside the hot path, and as they are looked at. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly db: Database,
    private readonly store: LedgerStore,
    private readonly events: Events,
  ) {}

  /** One command in a transaction of its own, with the event that it happened. Throws organizations.not_found. */
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
   * Carries out one command within `tx`, under the account's lock: for what is rare and writes more than the ledger. Take
   * locks of organization and unit before. Throws organizations.not_found.
   */
  async execute(tx: Tx, organizationId: string, command: Command): Promise<CommandResult> {
    const [result] = await this.executeAll(tx, organizationId, [command]);
    if (!result) throw new Error('a command was not decided');
    return result;
  }

  /** As `carryOut`, several one after the other. */
  async executeAll(tx: Tx, organizationId: string, commands: readonly Command[]): Promise<readonly CommandResult[]> {
    const executor = executorFor(tx);
    const states = await this.store.readLocked(executor, [{ organizationId, commands }]);
    const state = states.get(organizationId);
    if (!state || state.purging) throw organizationErrors.not_found();
    const decision = decide(state, commands, newId);
    await this.store.write(executor, [{ state, ...decision }]);
    return decision.results;
  }

  /**
   * Keeps everybody else from moving credits until `tx` ends, and lets pass what is due. Returns what there is then, and of
   * it what `commands` ask for. Throws organizations.not_found.
   */
  async lock(tx: Tx, organizationId: string, commands: readonly Command[] = []): Promise<LoadedState> {
    const sweep: Command = { type: 'sweep', key: null, hash: '', actorId: null };
    await this.execute(tx, organizationId, sweep);
    const states = await this.store.read(executorFor(tx), [{ organizationId, commands }]);
    const state = states.get(organizationId);
    if (!state) throw organizationErrors.not_found();
    return state;
  }

  /** A hold as it is now: one whose time is over has ended. */
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

  /** The books as they are written. Waits for nobody. Null before the first use. */
  async read(organizationId: string, commands: Command[] = []): Promise<LoadedState | null> {
    const states = await this.store.read(executorFor(this.db.reader), [{ organizationId, commands }]);
    return states.get(organizationId) ?? null;
  }
}

/** Lets happen in `state` what time brings about, until now or `until`, which is not before the last entry. */
export function applyDueExpiries(state: LoadedState, until = state.now): void {
  decide(Object.assign(state, { now: until }), [], newId);
}
