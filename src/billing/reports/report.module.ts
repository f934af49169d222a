import { Module } from '@nestjs/common';
import { DocumentModule } from '../../common/documents/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { BrandingModule } from '../../settings/index.js';
import { LedgerModule } from '../ledger/index.js';
import { PartyModule } from '../parties/index.js';
import { ReportController } from './report.controller.js';
import { ReportService } from './report.service.js';
import { ReportStore } from './report.store.js';

@Module({
  imports: [DocumentModule, OrganizationModule, BrandingModule, LedgerModule, PartyModule],
  controllers: [ReportController],
  providers: [ReportStore, ReportService],
  exports: [ReportService],
})
export class ReportModule {}
