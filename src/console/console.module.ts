import { Module } from '@nestjs/common';
import { OperatorModule } from '../operators/index.js';
import { AuthSettingsModule, BrandingModule } from '../settings/index.js';
import { ConsoleRoutes } from './console.routes.js';
import { ConsoleService } from './console.service.js';

@Module({
  imports: [OperatorModule, BrandingModule, AuthSettingsModule],
  providers: [ConsoleService, ConsoleRoutes],
  exports: [ConsoleService],
})
export class ConsoleModule {}
