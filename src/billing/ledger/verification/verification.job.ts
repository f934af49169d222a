import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import type { Gauge } from 'prom-client';
import { Database } from '../../../database/index.js';
import { Metrics } from '../../../common/metrics/index.js';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { ProofStore } from './proof.store.js';
import { RecountStore } from './recount.store.js';

/** Slightly more than the day between two runs. */
const HOURS = 25;

/** Verifies every night the organizations whose balances changed. */
@Injectable()
export class VerificationJob extends ScheduledJob {
  private readonly broken: Gauge;

  constructor(
    metrics: Metrics,
    private readonly db: Database,
    private readonly store: RecountStore,
    private readonly proofs: ProofStore,
  ) {
    super();
    this.broken = metrics.gauge({
      name: 'credit_broken_organizations',
      help: 'Organizations whose ledger failed a check in the last verification.',
    });
    this.broken.set(0);
  }

  @Cron('23 3 * * *')
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    let broken = 0;
    await this.forEach(await this.store.findChangedSince(this.db.reader, HOURS), async (id) => {
      const { checks } = await this.db.patientRead((reader) => this.proofs.check(reader, id));
      const wrong = checks.filter((check) => check.broken > 0).map(({ name }) => name);
      if (wrong.length === 0) return;
      broken++;
      this.logger.error(`the ledger of organization ${id} fails checks: ${wrong.join('; ')}`);
    });
    this.broken.set(broken);
  }
}
