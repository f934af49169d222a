import { Module } from '@nestjs/common';
import { LedgerModule } from '../billing/ledger/index.js';
import { ReportModule } from '../billing/reports/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { ActivityStore } from './activity.store.js';
import { OperatorOverviewController } from './operator-overview.controller.js';
import { OperatorOverviewService } from './operator-overview.service.js';
import { OperatorOverviewStore } from './operator-overview.store.js';
import { OrganizationAccessController } from './organization-access.controller.js';
import { OrganizationAccessService } from './organization-access.service.js';
import { OrganizationAccessStore } from './organization-access.store.js';
import { OrganizationOverviewController } from './organization-overview.controller.js';
import { OrganizationOverviewService } from './organization-overview.service.js';
import { OrganizationOverviewStore } from './organization-overview.store.js';
import { PermissionController } from './permission.controller.js';

/** Answers what a caller may do and what needs attention, from the data of all other modules. */
@Module({
  imports: [OrganizationModule, LedgerModule, ReportModule],
  controllers: [
    OperatorOverviewController,
    OrganizationAccessController,
    OrganizationOverviewController,
    PermissionController,
  ],
  providers: [
    ActivityStore,
    OperatorOverviewService,
    OperatorOverviewStore,
    OrganizationAccessService,
    OrganizationAccessStore,
    OrganizationOverviewService,
    OrganizationOverviewStore,
  ],
})
export class OverviewModule {}
