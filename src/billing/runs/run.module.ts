import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { ClusterModule } from '../../clusters/index.js';
import { LedgerModule } from '../ledger/index.js';
import { RunSettlementService } from './run-settlement.service.js';
import { RunController } from './run.controller.js';
import { RunJob } from './run.job.js';
import { RunService } from './run.service.js';
import { RunStore } from './run.store.js';

@Module({
  imports: [EventModule, ClusterModule, LedgerModule],
  controllers: [RunController],
  providers: [RunStore, RunSettlementService, RunService, RunJob],
  exports: [RunService],
})
export class RunModule {}
