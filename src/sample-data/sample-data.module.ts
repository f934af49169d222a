import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity/index.js';
import { SsoModule } from '../auth/sso/index.js';
import { LedgerModule } from '../billing/ledger/index.js';
import { PaymentModule } from '../billing/payments/index.js';
import { SubscriptionModule } from '../billing/subscriptions/index.js';
import { ContentModule } from '../content/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { PlanModule } from '../plans/index.js';
import { BrandingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { SampleDataController } from './sample-data.controller.js';
import { SampleDataJob } from './sample-data.job.js';
import { SampleDataLoaderService } from './sample-data-loader.service.js';
import { SampleDataLoadStore } from './sample-data-load.store.js';
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
    SsoModule,
    SubscriptionModule,
    PaymentModule,
    ContentModule,
  ],
  controllers: [SampleDataController],
  providers: [
    SampleDataService,
    SampleDataLoaderService,
    SampleDataJob,
    SampleDataLoadStore,
    SampleDataStore,
    SampleUsageService,
  ],
  exports: [SampleDataService],
})
export class SampleDataModule {}
