import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { Config } from '../common/config/index.js';
import { PurgeService } from './purge.service.js';

/** Runs the purge by PURGE_CRON. The scheduler's module stops it when the server shuts down. */
@Injectable()
export class PurgeJob implements OnApplicationBootstrap {
  private readonly logger = new Logger(PurgeService.name);

  constructor(
    private readonly config: Config,
    private readonly scheduler: SchedulerRegistry,
    private readonly purge: PurgeService,
  ) {}

  onApplicationBootstrap(): void {
    const job = CronJob.from({
      cronTime: this.config.purgeCron,
      onTick: () => this.tick(),
      // A tick during a run is skipped.
      waitForCompletion: true,
      unrefTimeout: true,
    });
    this.scheduler.addCronJob('purge', job);
    job.start();
  }

  private async tick(): Promise<void> {
    try {
      await this.purge.run();
    } catch (error) {
      this.logger.error('the purge could not run, the next one tries again', error);
    }
  }
}
