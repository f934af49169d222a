import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { PurgeMetrics } from './purge.metrics.js';
import { PurgeSchedule } from './purge.schedule.js';
import { Purge } from './purge.service.js';
import { PurgeSteps } from './purge.steps.js';
import { PurgeStore } from './purge.store.js';

@Module({ imports: [EventModule], providers: [Purge, PurgeMetrics, PurgeSteps, PurgeStore], exports: [Purge] })
export class PurgeModule {}

/** Apart, so that server-side commands have the purge without its schedule. Needs `ScheduleModule.forRoot()`. */
@Module({ imports: [PurgeModule], providers: [PurgeSchedule] })
export class PurgeScheduleModule {}
