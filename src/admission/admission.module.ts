import { Module } from '@nestjs/common';
import { OrganizationModule } from '../organizations/index.js';
import { SettingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { UserModule } from '../users/index.js';
import { DeactivatedMemberStore } from './deactivated-member.store.js';
import { MembershipController } from './membership.controller.js';
import { AdmissionService } from './admission.service.js';

@Module({
  imports: [OrganizationModule, UnitModule, UserModule, SettingModule],
  controllers: [MembershipController],
  providers: [AdmissionService, DeactivatedMemberStore],
  exports: [AdmissionService],
})
export class AdmissionModule {}
