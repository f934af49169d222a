import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { ClusterModule } from '../../clusters/index.js';
import { LedgerModule } from '../ledger/index.js';
import { RunSettling } from './run-settling.service.js';
import { RunController } from './run.controller.js';
import { RunSchedule } from './run.job.js';
import { Runs } from './run.service.js';
import { RunStore } from './run.store.js';

@Module({
  imports: [EventModule, ClusterModule, LedgerModule],
  controllers: [RunController],
  providers: [RunStore, RunSettling, Runs, RunSchedule],
  exports: [Runs],
})
export class RunModule {}
