import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { UnitModule } from '../../units/index.js';
import { PlanModule } from '../../plans/index.js';
import { LedgerModule } from '../ledger/index.js';
import { SubscriptionController } from './subscription.controller.js';
import { SubscriptionJob } from './subscription.job.js';
import { SubscriptionService } from './subscription.service.js';
import { SubscriptionStore } from './subscription.store.js';

@Module({
  imports: [EventModule, OrganizationModule, UnitModule, PlanModule, LedgerModule],
  controllers: [SubscriptionController],
  providers: [SubscriptionStore, SubscriptionService, SubscriptionJob],
  exports: [SubscriptionService],
})
export class SubscriptionModule {}
