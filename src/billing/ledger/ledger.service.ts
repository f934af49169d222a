import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../common/database/index.js';
import { newId } from '../../common/ids/index.js';
import { organizationErrors } from '../../organizations/index.js';
import { Events, type NewEvent } from '../../events/index.js';
import { isRefusal, type Outcome } from './decisions/answer.js';
import type { Command } from './decisions/command.js';
import { decide } from './decisions/decide.js';
import { within } from './storage/executor.js';
import type { LoadedState } from './storage/ledger.rows.js';
import type { Hold } from './decisions/state.js';
import { LedgerStore } from './storage/ledger.store.js';

/** Credits as they move beside the hot path, and as they are looked at. */
@Injectable()
export class Ledger {
  constructor(
    private readonly db: Database,
    private readonly store: LedgerStore,
    private readonly events: Events,
  ) {}

  /** One command in a transaction of its own, with the event that it happened. Throws organizations.not_found. */
  change(organizationId: string, command: Command, eventOf: (body: Outcome['body']) => NewEvent): Promise<Outcome> {
    return this.db.transaction(async (tx) => {
      const outcome = await this.carryOut(tx, organizationId, command);
      if (!outcome.replayed && !isRefusal(outcome)) {
        await this.events.record(tx, { kind: 'organization', id: organizationId }, eventOf(outcome.body));
      }
      return outcome;
    });
  }

  /**
   * Carries out one command within `tx`, under the account's lock: for what is rare and writes more than the ledger. Take
   * locks of organization and unit before. Throws organizations.not_found.
   */
  async carryOut(tx: Tx, organizationId: string, command: Command): Promise<Outcome> {
    const [outcome] = await this.carryOutAll(tx, organizationId, [command]);
    if (!outcome) throw new Error('a command was not decided');
    return outcome;
  }

  /** As `carryOut`, several one after the other. */
  async carryOutAll(tx: Tx, organizationId: string, commands: readonly Command[]): Promise<readonly Outcome[]> {
    const executor = within(tx);
    const states = await this.store.readLocked(executor, [{ organizationId, commands }]);
    const state = states.get(organizationId);
    if (!state || state.purging) throw organizationErrors.not_found();
    const decision = decide(state, commands, newId);
    await this.store.write(executor, [{ state, ...decision }]);
    return decision.outcomes;
  }

  /**
   * Keeps everybody else from moving credits until `tx` ends, and lets pass what is due. Returns what there is then, and of
   * it what `commands` ask for. Throws organizations.not_found.
   */
  async lock(tx: Tx, organizationId: string, commands: readonly Command[] = []): Promise<LoadedState> {
    const sweep: Command = { type: 'sweep', key: null, hash: '', actorId: null };
    await this.carryOut(tx, organizationId, sweep);
    const states = await this.store.read(within(tx), [{ organizationId, commands }]);
    const state = states.get(organizationId);
    if (!state) throw organizationErrors.not_found();
    return state;
  }

  /** A hold as it is now: one whose time is over has ended. */
  async lookAtHold(organizationId: string, holdId: string): Promise<Hold | null> {
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
    if (state) passTime(state);
    return state?.holds.get(holdId) ?? null;
  }

  /** The books as they are written. Waits for nobody. Null before the first use. */
  async read(organizationId: string, commands: Command[] = []): Promise<LoadedState | null> {
    const states = await this.store.read(within(this.db.reader), [{ organizationId, commands }]);
    return states.get(organizationId) ?? null;
  }
}

/** Lets happen in `state` what time brings about, until now or `until`, which is not before the last entry. */
export function passTime(state: LoadedState, until = state.now): void {
  decide(Object.assign(state, { now: until }), [], newId);
}
