import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { UserModule } from '../users/index.js';
import {
  AccountOrganizationController,
  OrganizationMemberController,
} from './members/organization-member.controller.js';
import { OrganizationMembers } from './members/organization-member.service.js';
import { OrganizationMemberStore } from './members/organization-member.store.js';
import { OrganizationController } from './organization.controller.js';
import { Organizations } from './organization.service.js';
import { OrganizationStore } from './organization.store.js';

@Module({
  imports: [EventModule, UserModule],
  controllers: [OrganizationController, OrganizationMemberController, AccountOrganizationController],
  providers: [Organizations, OrganizationStore, OrganizationMembers, OrganizationMemberStore],
  exports: [Organizations, OrganizationMembers],
})
export class OrganizationModule {}
