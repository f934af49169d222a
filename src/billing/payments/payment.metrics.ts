import { Injectable, Logger } from '@nestjs/common';
import { Metrics } from '../../common/metrics/index.js';
import { Database } from '../../database/index.js';
import { TopUpStore } from './top-ups/top-up.store.js';

@Injectable()
export class PaymentMetrics {
  private readonly logger = new Logger('Payments');

  constructor(metrics: Metrics, db: Database, store: TopUpStore) {
    const open = metrics.gauge({
      name: 'top_ups_in_review',
      help: 'Top-ups with a payment that does not match and that staff have not reviewed.',
      collect: async () => {
        try {
          open.set(await store.countInReview(db.reader));
        } catch (error) {
          // The other metrics matter most while the database is unavailable.
          open.remove();
          this.logger.warn('Could not count the top-ups in review.', error);
        }
      },
    });
  }
}
