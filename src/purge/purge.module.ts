import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { PurgeMetrics } from './purge.metrics.js';
import { PurgeJob } from './purge.job.js';
import { PurgeService } from './purge.service.js';
import { PurgeSteps } from './purge.steps.js';
import { PurgeStore } from './purge.store.js';

@Module({
  imports: [EventModule],
  providers: [PurgeService, PurgeMetrics, PurgeSteps, PurgeStore],
  exports: [PurgeService],
})
export class PurgeModule {}

/** Separate from `PurgeModule`, so that server-side commands do not start the schedule. Needs `ScheduleModule.forRoot()`. */
@Module({ imports: [PurgeModule], providers: [PurgeJob] })
export class PurgeScheduleModule {}
