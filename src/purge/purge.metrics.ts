import { Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Database } from '../database/index.js';
import { Metrics } from '../common/metrics/index.js';
import type { PurgeKind } from './purge.order.js';
import type { RowCounts } from './purge.report.js';
import { PurgeStore } from './purge.store.js';

const KINDS: readonly PurgeKind[] = ['organization', 'unit'];

@Injectable()
export class PurgeMetrics {
  private readonly logger = new Logger('Purge');
  private readonly rows: Counter<'table'>;
  private readonly purged: Counter<'kind'>;
  private readonly failures: Counter;

  constructor(
    metrics: Metrics,
    private readonly db: Database,
    private readonly store: PurgeStore,
  ) {
    this.rows = metrics.counter({
      name: 'purge_rows_total',
      help: 'Rows removed by the purge.',
      labelNames: ['table'],
    });
    this.purged = metrics.counter({
      name: 'purged_total',
      help: 'Organizations and units that were permanently removed.',
      labelNames: ['kind'],
    });
    this.failures = metrics.counter({ name: 'purge_failures_total', help: 'Purges that failed and will be retried.' });
    for (const kind of KINDS) this.purged.inc({ kind }, 0);
    this.showDue(metrics);
  }

  removed(counts: RowCounts): void {
    for (const [table, rows] of Object.entries(counts)) this.rows.inc({ table }, rows);
  }

  finished(kind: PurgeKind): void {
    this.purged.inc({ kind });
  }

  failed(): void {
    this.failures.inc();
  }

  /** Counts at each scrape, so that a purge that never runs is noticed. All servers report the same number. */
  private showDue(metrics: Metrics): void {
    const gauge = metrics.gauge({
      name: 'purge_due',
      help: 'Organizations and units that are due for the purge.',
      collect: async () => {
        try {
          let due = 0;
          for (const kind of KINDS) due += await this.store.countDue(this.db.reader, kind);
          gauge.set(due);
        } catch (error) {
          // The other metrics matter most while the database is unavailable.
          gauge.remove();
          this.logger.warn('cannot count due organizations and units', error);
        }
      },
    });
  }
}
