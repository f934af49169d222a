import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { UnitModule } from '../units/index.js';
import { Settings } from './setting.service.js';
import { SettingStore } from './setting.store.js';

@Module({
  imports: [EventModule, OperatorModule, OrganizationModule, UnitModule],
  providers: [Settings, SettingStore],
  exports: [Settings],
})
export class SettingModule {}
