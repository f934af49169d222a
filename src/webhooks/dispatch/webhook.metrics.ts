import { Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Metrics } from '../../common/metrics/index.js';
import { Database } from '../../database/index.js';
import { DispatchStore } from './dispatch.store.js';

const OUTCOMES = ['delivered', 'retried', 'failed'] as const;
export type AttemptOutcome = (typeof OUTCOMES)[number];

@Injectable()
export class WebhookMetrics {
  private readonly logger = new Logger('Webhooks');
  private readonly attempts: Counter<'outcome'>;

  constructor(
    metrics: Metrics,
    private readonly db: Database,
    private readonly store: DispatchStore,
  ) {
    this.attempts = metrics.counter({
      name: 'webhook_attempts_total',
      help: 'Attempts to deliver an event to a webhook: delivered, failed and retried, or failed for good.',
      labelNames: ['outcome'],
    });
    for (const outcome of OUTCOMES) this.attempts.inc({ outcome }, 0);
    this.observeBacklog(metrics);
  }

  attempted(outcome: AttemptOutcome): void {
    this.attempts.inc({ outcome });
  }

  /** Counts what waits at each scrape. All servers report the same number. */
  private observeBacklog(metrics: Metrics): void {
    const queued = metrics.gauge({
      name: 'webhook_deliveries_queued',
      help: 'Deliveries to active webhooks that have not succeeded yet.',
    });
    const oldest = metrics.gauge({
      name: 'webhook_oldest_seconds',
      help: 'Age of the oldest delivery that waits for a webhook whose last delivery succeeded.',
      collect: async () => {
        try {
          const backlog = await this.store.backlog(this.db.reader);
          queued.set(backlog.queued);
          oldest.set(backlog.oldestSeconds);
        } catch (error) {
          // The other metrics matter most while the database is unavailable.
          queued.remove();
          oldest.remove();
          this.logger.warn('Could not count the waiting deliveries.', error);
        }
      },
    });
  }
}
