import { Module } from '@nestjs/common';
import { OrganizationModule } from '../organizations/index.js';
import { OrganizationAccessController } from './organization-access.controller.js';
import { OrganizationAccessService } from './organization-access.service.js';
import { OrganizationAccessStore } from './organization-access.store.js';
import { PermissionController } from './permission.controller.js';

/** Answers what a caller may do and what needs attention, from the data of all other modules. */
@Module({
  imports: [OrganizationModule],
  controllers: [OrganizationAccessController, PermissionController],
  providers: [OrganizationAccessService, OrganizationAccessStore],
})
export class OverviewModule {}
