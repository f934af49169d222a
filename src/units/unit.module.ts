import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { BrandingModule } from '../settings/index.js';
import { UserModule } from '../users/index.js';
import { UnitMemberController } from './members/unit-member.controller.js';
import { UnitMemberService } from './members/unit-member.service.js';
import { UnitMemberStore } from './members/unit-member.store.js';
import { UnitController } from './unit.controller.js';
import { UnitBrandingController } from './unit.settings.js';
import { UnitService } from './unit.service.js';
import { UnitStore } from './unit.store.js';

@Module({
  imports: [EventModule, UserModule, BrandingModule, OrganizationModule],
  controllers: [UnitController, UnitBrandingController, UnitMemberController],
  providers: [UnitService, UnitStore, UnitMemberService, UnitMemberStore],
  exports: [UnitService, UnitMemberService],
})
export class UnitModule {}
