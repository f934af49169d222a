import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../common/database/index.js';
import { newId } from '../../common/ids/index.js';
import { organizationErrors } from '../../organizations/index.js';
import type { Outcome } from './answer.js';
import type { Command } from './command.js';
import { decide } from './decide.js';
import { within } from './executor.js';
import type { LoadedState } from './ledger.rows.js';
import { LedgerStore } from './ledger.store.js';

/** Credits as they move beside the hot path, and as they are looked at. */
@Injectable()
export class Ledger {
  constructor(
    private readonly db: Database,
    private readonly store: LedgerStore,
  ) {}

  /**
   * Carries out one command within `tx`, under the account's lock: for what is rare and writes more than the ledger. Take
   * locks of organization and unit before. Throws organizations.not_found.
   */
  async carryOut(tx: Tx, organizationId: string, command: Command): Promise<Outcome> {
    const executor = within(tx);
    const states = await this.store.readLocked(executor, [{ organizationId, commands: [command] }]);
    const state = states.get(organizationId);
    if (!state || state.purging) throw organizationErrors.not_found();
    const decision = decide(state, [command], newId);
    await this.store.write(executor, [{ state, ...decision }]);
    const [outcome] = decision.outcomes;
    if (!outcome) throw new Error('a command was not decided');
    return outcome;
  }

  /** The books as they are now, what time has brought about included. Waits for nobody. Null before the first use. */
  async look(organizationId: string): Promise<LoadedState | null> {
    const states = await this.store.read(within(this.db.reader), [{ organizationId, commands: [] }]);
    const state = states.get(organizationId);
    if (!state) return null;
    decide(state, [], newId);
    return state;
  }
}
