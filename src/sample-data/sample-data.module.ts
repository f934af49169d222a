import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity/index.js';
import { LedgerModule } from '../billing/ledger/index.js';
import { SubscriptionModule } from '../billing/subscriptions/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { PlanModule } from '../plans/index.js';
import { BrandingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { SampleDataService } from './sample-data.service.js';
import { SampleDataStore } from './sample-data.store.js';
import { SampleUsageService } from './sample-usage.service.js';

@Module({
  imports: [
    OperatorModule,
    BrandingModule,
    PlanModule,
    OrganizationModule,
    UnitModule,
    LedgerModule,
    IdentityModule,
    SubscriptionModule,
  ],
  providers: [SampleDataService, SampleDataStore, SampleUsageService],
  exports: [SampleDataService],
})
export class SampleDataModule {}
