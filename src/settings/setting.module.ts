import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { Settings } from './setting.service.js';
import { SettingStore } from './setting.store.js';

@Module({
  imports: [EventModule],
  providers: [Settings, SettingStore],
  exports: [Settings],
})
export class SettingModule {}
