import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { SettingService } from './setting.service.js';
import { SettingStore } from './setting.store.js';

@Module({
  imports: [EventModule],
  providers: [SettingService, SettingStore],
  exports: [SettingService],
})
export class SettingModule {}
