import { Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Database } from '../common/database/index.js';
import { Metrics } from '../common/metrics/index.js';
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
      help: 'Mails handed to the mail server: taken by it, not taken and tried again, or given up.',
      labelNames: ['outcome'],
    });
    for (const outcome of ['sent', 'failed', 'given_up']) this.attempts.inc({ outcome }, 0);
    this.showWaiting(metrics);
  }

  attempted(outcome: 'sent' | 'failed' | 'given_up'): void {
    this.attempts.inc({ outcome });
  }

  /** Counted when asked for, so that mails nobody sends show. The same on every server. */
  private showWaiting(metrics: Metrics): void {
    const waiting = metrics.gauge({ name: 'mails_waiting', help: 'Mails that are not yet taken by the mail server.' });
    const oldest = metrics.gauge({
      name: 'mail_oldest_seconds',
      help: 'Age of the oldest mail that waits.',
      collect: async () => {
        try {
          const backlog = await this.store.backlog(this.db.reader);
          waiting.set(backlog.waiting);
          oldest.set(backlog.oldestSeconds);
        } catch (error) {
          // Without the database the other metrics matter most.
          waiting.remove();
          oldest.remove();
          this.logger.warn('cannot count the mails that wait', error);
        }
      },
    });
  }
}
