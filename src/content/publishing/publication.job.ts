import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ScheduledJob } from '../../common/schedule/index.js';
import { Database, isLostConnection } from '../../database/index.js';
import { type Batch, DeliveryService } from './delivery.service.js';
import { PublicationService } from './publication.service.js';
import { PublicationStore } from './publication.store.js';

const EVERY_MS = 5_000;
const MAX_DUE = 100;
const MAX_FAILED = 200;

/**
 * Starts scheduled publications and writes the events of those that run. Safe on any number of servers. Publications that run at
 * the same time take turns.
 */
@Injectable()
export class ContentPublicationJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: PublicationStore,
    private readonly publications: PublicationService,
    private readonly deliveries: DeliveryService,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    const due = await this.store.findDue(this.db.reader, MAX_DUE);
    await this.forEach(due, (one) => this.publications.startScheduled(one));
    while (!this.stopped) {
      const result = await this.deliveries.writeBatch();
      if ('idle' in result) break;
      if ('failed' in result) await this.oneByOne(result.failed, result.error);
    }
    await this.forEach(await this.deliveries.findFailed(MAX_FAILED), (failed) => this.deliveries.retry(failed));
  }

  /** Finds out which organization failed, so that it does not keep the others from their event. */
  private async oneByOne(batch: Batch, error: unknown): Promise<void> {
    // Says nothing about an organization. The next run tries again.
    if (isLostConnection(error) || batch.organizationIds.length === 0) throw error;
    const { publicationId } = batch;
    let { cursor } = batch;
    for (const organizationId of batch.organizationIds) {
      if (this.stopped) return;
      const item = { id: `${publicationId}:${organizationId}`, organizationId };
      const from = cursor;
      let isHere = true;
      let told = false;
      await this.attempt(item, async () => {
        isHere = await this.deliveries.writeOne(publicationId, from, organizationId);
        told = true;
      });
      if (!told) isHere = await this.deliveries.skip(publicationId, from, organizationId);
      if (!isHere) return;
      cursor = organizationId;
    }
  }
}
