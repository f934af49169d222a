import { Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Database } from '../../database/index.js';
import { Metrics } from '../../common/metrics/index.js';
import { MailStore } from './mail.store.js';

@Injectable()
export class MailMetrics {
  private readonly logger = new Logger('Mail');
  private readonly attempts: Counter<'outcome'>;

  constructor(
    metrics: Metrics,
    private readonly db: Database,
    private readonly store: MailStore,
  ) {
    this.attempts = metrics.counter({
      name: 'mail_attempts_total',
      help: 'Attempts to send a mail: accepted by the mail server, failed and retried, or given up.',
      labelNames: ['outcome'],
    });
    for (const outcome of ['sent', 'failed', 'given_up']) this.attempts.inc({ outcome }, 0);
    this.observeBacklog(metrics);
  }

  attempted(outcome: 'sent' | 'failed' | 'given_up'): void {
    this.attempts.inc({ outcome });
  }

  /** Counts the backlog at each scrape, so that unsent mails are noticed. All servers report the same number. */
  private observeBacklog(metrics: Metrics): void {
    const waiting = metrics.gauge({
      name: 'mails_waiting',
      help: 'Mails that the mail server has not yet accepted.',
    });
    const oldest = metrics.gauge({
      name: 'mail_oldest_seconds',
      help: 'Age of the oldest mail that is waiting.',
      collect: async () => {
        try {
          const backlog = await this.store.backlog(this.db.reader);
          waiting.set(backlog.waiting);
          oldest.set(backlog.oldestSeconds);
        } catch (error) {
          // The other metrics matter most while the database is unavailable.
          waiting.remove();
          oldest.remove();
          this.logger.warn('Could not count the waiting mails.', error);
        }
      },
    });
  }
}
