import { Module } from '@nestjs/common';
import { OperatorModule } from '../../operators/index.js';
import { operatorLock } from '../setting.level.js';
import { SettingModule } from '../setting.module.js';
import { brandingController } from './branding.controller.js';
import { BrandingService } from './branding.service.js';
import { LogoStore } from './logo.store.js';
import { MailImageService } from './mail-image.service.js';
import { PublicBrandingController } from './public-branding.controller.js';
import { SvgSanitizer } from './svg-sanitizer.service.js';

@Module({
  imports: [OperatorModule, SettingModule],
  controllers: [brandingController('operator', operatorLock), PublicBrandingController],
  providers: [BrandingService, LogoStore, MailImageService, SvgSanitizer],
  exports: [BrandingService],
})
export class BrandingModule {}
