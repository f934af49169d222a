import { Injectable } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { Metrics } from '../../../common/metrics/index.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

@Injectable()
export class ChargeMetrics {
  private readonly size: Histogram;
  private readonly organizations: Histogram;
  private readonly wait: Histogram;
  private readonly commit: Histogram;
  private readonly retries: Counter;
  private readonly refused: Counter;

  constructor(private readonly metrics: Metrics) {
    this.size = metrics.histogram({
      name: 'credit_batch_size',
      help: 'Commands decided and written in one transaction.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 350, 500],
    });
    this.organizations = metrics.histogram({
      name: 'credit_batch_organizations',
      help: 'Organizations in one transaction.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    });
    this.wait = metrics.histogram({
      name: 'credit_wait_seconds',
      help: 'Time the oldest command of a batch waited for its turn.',
      buckets: SECONDS,
    });
    this.commit = metrics.histogram({
      name: 'credit_commit_seconds',
      help: 'Time from the start of a batch to its commit.',
      buckets: SECONDS,
    });
    this.retries = metrics.counter({ name: 'credit_batch_retries_total', help: 'Batches that were retried.' });
    this.refused = metrics.counter({
      name: 'credit_busy_total',
      help: 'Commands refused because too many were waiting.',
    });
  }

  /** Reports the number of waiting commands. */
  observeQueue(length: () => number): void {
    this.metrics.gauge({
      name: 'credit_queue_length',
      help: 'Commands that wait for their turn.',
      collect() {
        this.set(length());
      },
    });
  }

  started(commands: number, organizations: number, waitedSeconds: number): void {
    this.size.observe(commands);
    this.organizations.observe(organizations);
    this.wait.observe(waitedSeconds);
  }

  committed(seconds: number): void {
    this.commit.observe(seconds);
  }

  retried(): void {
    this.retries.inc();
  }

  busy(commands: number): void {
    this.refused.inc(commands);
  }
}
