import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from './auth/access/index.js';
import { IdentityModule } from './auth/identity/index.js';
import { SsoModule } from './auth/sso/index.js';
import { LedgerModule } from './billing/ledger/index.js';
import { PaymentModule } from './billing/payments/index.js';
import { ReportModule } from './billing/reports/index.js';
import { RunModule } from './billing/runs/index.js';
import { SubscriptionModule } from './billing/subscriptions/index.js';
import { ClusterModule } from './clusters/index.js';
import { ContentModule } from './content/index.js';
import { ConsoleModule } from './console/index.js';
import { DatabaseModule } from './database/index.js';
import { PaginationModule } from './common/pagination/index.js';
import { type DataSourceSettings, dataSourceOptions } from './database/data-source.js';
import { EventModule } from './events/index.js';
import { LimitModule } from './limits/index.js';
import { IdempotencyModule } from './http/index.js';
import { PeopleModule } from './people/index.js';
import { ProvisioningModule } from './provisioning/index.js';
import { MailModule } from './mail/index.js';
import { OperatorModule } from './operators/index.js';
import { OverviewModule } from './overview/index.js';
import { OrganizationModule } from './organizations/index.js';
import { PlanModule } from './plans/index.js';
import { PurgeScheduleModule } from './purge/index.js';
import { SampleDataModule } from './sample-data/index.js';
import { ScimModule } from './scim/index.js';
import { ArtifactModule } from './artifacts/index.js';
import { WebhookModule } from './webhooks/index.js';
import { BrandingModule } from './settings/index.js';
import { UnitModule } from './units/index.js';
import { UserModule } from './users/index.js';
import { AdmissionModule } from './admission/index.js';
import { VariableModule } from './variables/index.js';

/** All modules, lowest first: each may use those before it. */
@Module({})
export class AppModule {
  static with(database: DataSourceSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({ ...dataSourceOptions(database), retryAttempts: 0 }),
        ScheduleModule.forRoot(),
        DatabaseModule,
        PaginationModule,
        LimitModule,
        EventModule,
        OperatorModule,
        UserModule,
        BrandingModule,
        MailModule,
        ConsoleModule,
        PlanModule,
        OrganizationModule,
        UnitModule,
        ClusterModule,
        VariableModule,
        ContentModule,
        AdmissionModule,
        LedgerModule,
        PaymentModule,
        SubscriptionModule,
        RunModule,
        ReportModule,
        AccessModule,
        IdentityModule,
        SsoModule,
        ScimModule,
        ArtifactModule,
        WebhookModule,
        IdempotencyModule,
        PeopleModule,
        ProvisioningModule,
        OverviewModule,
        SampleDataModule,
        PurgeScheduleModule,
      ],
    };
  }
}
