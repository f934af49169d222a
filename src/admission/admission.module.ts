import { Module } from '@nestjs/common';
import { OrganizationModule } from '../organizations/index.js';
import { SettingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { UserModule } from '../users/index.js';
import { AdmissionService } from './admission.service.js';
import { OrganizationMemberController } from './organization-member.controller.js';

@Module({
  imports: [OrganizationModule, UnitModule, UserModule, SettingModule],
  controllers: [OrganizationMemberController],
  providers: [AdmissionService],
  exports: [AdmissionService],
})
export class AdmissionModule {}
