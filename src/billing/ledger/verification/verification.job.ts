import { Injectable, Logger } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import type { Gauge } from 'prom-client';
import { Database } from '../../../common/database/index.js';
import { Metrics } from '../../../common/metrics/index.js';
import { ProofStore } from './proof.store.js';
import { RecountStore } from './recount.store.js';

/** A little more than the day between two looks. */
const HOURS = 25;

/** Proves each night the books that changed. */
@Injectable()
export class VerificationJob {
  private readonly logger = new Logger('Ledger');
  private readonly broken: Gauge;

  constructor(
    metrics: Metrics,
    private readonly db: Database,
    private readonly store: RecountStore,
    private readonly proofs: ProofStore,
  ) {
    this.broken = metrics.gauge({
      name: 'credit_broken_organizations',
      help: 'Organizations whose books did not hold what they promise, at the last look.',
    });
    this.broken.set(0);
  }

  @Cron('23 3 * * *')
  async check(): Promise<void> {
    let broken = 0;
    for (const id of await this.store.findChangedSince(this.db.reader, HOURS)) {
      try {
        const { checks } = await this.db.patientRead((reader) => this.proofs.check(reader, id));
        const wrong = checks.filter((check) => check.broken > 0).map(({ name }) => name);
        if (wrong.length === 0) continue;
        broken++;
        this.logger.error(`the books of ${id} break: ${wrong.join('; ')}`);
      } catch (error) {
        this.logger.error(`the books of ${id} could not be proved`, error);
      }
    }
    this.broken.set(broken);
  }
}
