import { Injectable } from '@nestjs/common';
import { Database, type Reader } from '../../../database/index.js';
import { UsageRollupStore } from '../usage/usage-rollup.store.js';
import { Discrepancy, Recount } from './recount.js';
import { RecountStore } from './recount.store.js';

export interface Finding {
  organizationId: string;
  entries: number;
  /** The first discrepancy, or null. */
  difference: string | null;
}

const ENTRIES_AT_ONCE = 5_000;
const ORGANIZATIONS_AT_ONCE = 100;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Recomputes ledgers from their entries for `npm run ops -- verify-ledger`. The database may be in use. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly db: Database,
    private readonly store: RecountStore,
    private readonly rollups: UsageRollupStore,
  ) {}

  async *all(): AsyncGenerator<Finding> {
    const { reader } = this.db;
    for (let last = FIRST; ;) {
      const ids = await this.store.findOrganizationsAfter(reader, last, ORGANIZATIONS_AT_ONCE);
      for (const id of ids) yield await this.verify(id);
      if (ids.length < ORGANIZATIONS_AT_ONCE) return;
      last = ids.at(-1) ?? FIRST;
    }
  }

  /** Verifies one snapshot, while charges go on. */
  verify(organizationId: string): Promise<Finding> {
    return this.db.patientRead((reader) => this.recount(reader, organizationId));
  }

  private async recount(reader: Reader, organizationId: string): Promise<Finding> {
    const recount = new Recount();
    try {
      for (let seq = '0'; ;) {
        const lines = await this.store.entriesAfter(reader, organizationId, seq, ENTRIES_AT_ONCE);
        for (const line of lines) recount.add(line);
        if (lines.length < ENTRIES_AT_ONCE) break;
        seq = lines.at(-1)?.seq ?? seq;
      }
      const stored = await this.store.readStored(reader, organizationId);
      if (stored) recount.compare(stored);
      const wrong = await this.rollups.countWrongDays(reader, organizationId);
      if (wrong > 0) throw new Discrepancy(`${wrong} days of reports do not match the sums of their entries`);
    } catch (error) {
      if (!(error instanceof Discrepancy)) throw error;
      return { organizationId, entries: recount.entries, difference: error.message };
    }
    return { organizationId, entries: recount.entries, difference: null };
  }
}
