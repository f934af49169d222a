import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ScheduledJob } from '../common/schedule/index.js';
import { SampleDataLoaderService } from './sample-data-loader.service.js';

/** Loads the sample data that was asked for, and goes on with what a server that stopped has left. */
@Injectable()
export class SampleDataJob extends ScheduledJob {
  constructor(private readonly loader: SampleDataLoaderService) {
    super();
  }

  @Interval(10_000)
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    if (!this.loader.isAvailable) return;
    while (!this.stopped && (await this.loader.loadNext({ isStopped: () => this.stopped })));
  }
}
