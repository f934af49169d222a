import { Module } from '@nestjs/common';
import { SettingModule } from '../setting.module.js';
import {
  OperatorBrandingController,
  OrganizationBrandingController,
  UnitBrandingController,
} from './branding.controller.js';
import { Branding } from './branding.service.js';
import { SvgThread } from './logo-svg.thread.js';
import { LogoStore } from './logo.store.js';
import { PublicBrandingController } from './public-branding.controller.js';

@Module({
  imports: [SettingModule],
  controllers: [
    OperatorBrandingController,
    OrganizationBrandingController,
    UnitBrandingController,
    PublicBrandingController,
  ],
  providers: [Branding, LogoStore, SvgThread],
  exports: [Branding],
})
export class BrandingModule {}
