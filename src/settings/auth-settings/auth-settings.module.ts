import { Module } from '@nestjs/common';
import { SettingModule } from '../setting.module.js';
import { AuthSettingsService } from './auth-settings.service.js';
import { AuthSettingsStore } from './auth-settings.store.js';

@Module({
  imports: [SettingModule],
  providers: [AuthSettingsService, AuthSettingsStore],
  exports: [AuthSettingsService],
})
export class AuthSettingsModule {}
