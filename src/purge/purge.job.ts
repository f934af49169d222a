import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { Config } from '../common/config/index.js';
import { ScheduledJob } from '../common/schedule/index.js';
import { PurgeService } from './purge.service.js';

/** Runs the purge at the times of PURGE_CRON. */
@Injectable()
export class PurgeJob extends ScheduledJob implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly scheduler: SchedulerRegistry,
    private readonly purge: PurgeService,
  ) {
    super();
  }

  // `@Cron` knows only times that are fixed in the code.
  onApplicationBootstrap(): void {
    const job = CronJob.from({ cronTime: this.config.purgeCron, onTick: () => this.tick(), unrefTimeout: true });
    this.scheduler.addCronJob('purge', job);
    job.start();
  }

  // Modules stop one after the other, so a purge in progress must learn of it here.
  override onModuleDestroy(): Promise<void> {
    this.purge.stop();
    return super.onModuleDestroy();
  }

  run(): Promise<unknown> {
    return this.purge.run();
  }
}
