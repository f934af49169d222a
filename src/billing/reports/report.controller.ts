import { Controller, Get, Param, Query, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiProduces, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { DocumentRenderer } from '../../common/documents/index.js';
import { csvFile, ndjsonFile, pdfFile } from '../../http/index.js';
import { OrganizationService } from '../../organizations/index.js';
import { BrandingService } from '../../settings/index.js';
import { monthOf, dayRangeOf } from './day-range.js';
import { AMOUNT_COLUMNS, ENTRY_COLUMNS, entryRows, statementRows } from './entry-rows.js';
import {
  BalanceHistoryView,
  DaysQuery,
  EntryExportQuery,
  ForecastView,
  StatementQuery,
  StatementView,
  UsageQuery,
  UsageView,
} from './report.dto.js';
import { PartyService } from '../parties/index.js';
import { ReportService } from './report.service.js';
import { statementDocument } from './statement.document.js';

@ApiTags('Reports')
@Controller('t/:operator/api/v1/organizations/:orgId')
export class ReportController {
  constructor(
    private readonly reports: ReportService,
    private readonly organizations: OrganizationService,
    private readonly branding: BrandingService,
    private readonly parties: PartyService,
    private readonly documents: DocumentRenderer,
  ) {}

  @ApiOperation({
    summary: 'Get usage by day, unit, member, cluster or kind. Managers see all usage, users see their own.',
  })
  @Get('usage')
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: UsageView })
  getUsage(@CurrentAccess() access: OrganizationAccess, @Query() query: UsageQuery): Promise<UsageView> {
    return this.reports.usage(access, query);
  }

  @ApiOperation({ summary: 'Get the rate of usage, and when the credits run out at this rate.' })
  @Get('usage/forecast')
  @Requires('organization', 'credits:readAll')
  @ApiOkResponse({ type: ForecastView })
  getForecast(@CurrentAccess() access: OrganizationAccess): Promise<ForecastView> {
    return this.reports.forecast(access);
  }

  @ApiOperation({ summary: 'Get the balance at the end of each day.' })
  @Get('credits/history')
  @Requires('organization', 'credits:readAll')
  @ApiOkResponse({ type: BalanceHistoryView })
  getBalanceHistory(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: DaysQuery,
  ): Promise<BalanceHistoryView> {
    return this.reports.history(access, query);
  }

  @ApiOperation({ summary: 'Export the ledger entries of a range of days, oldest first.' })
  @Get('credits/entries/export')
  @Requires('organization', 'credits:readAll')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  exportEntries(
    @CurrentAccess() { organizationId, operator }: OrganizationAccess,
    @Query() query: EntryExportQuery,
  ): StreamableFile {
    const days = dayRangeOf(query, operator.timeZone);
    const entries = this.reports.entriesOf(organizationId, days);
    const file = { name: 'entries', owner: organizationId };
    if (query.format === 'ndjson') return ndjsonFile(entries, file);
    return csvFile(entryRows(entries, days.timeZone), ENTRY_COLUMNS, file, AMOUNT_COLUMNS);
  }

  @ApiOperation({
    summary: 'Get the statement of a month, from the opening to the closing balance. The CSV format lists every entry.',
  })
  @Get('statements/:month')
  @Requires('organization', 'credits:readAll')
  @ApiProduces('application/json', 'text/csv', 'application/pdf')
  @ApiExtraModels(StatementView)
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(StatementView) } },
      'text/csv': { schema: { type: 'string' } },
      'application/pdf': { schema: { type: 'string', format: 'binary' } },
    },
  })
  async getStatement(
    @CurrentAccess() access: OrganizationAccess,
    @Param('month') month: string,
    @Query() { format = 'json' }: StatementQuery,
  ): Promise<StatementView | StreamableFile> {
    const { organizationId, operator } = access;
    const name = `statement-${month}`;
    if (format === 'csv') {
      const days = monthOf(month, operator.timeZone);
      const opening = await this.reports.opening(organizationId, days);
      const entries = this.reports.entriesOf(organizationId, days);
      const file = { name, owner: organizationId };
      return csvFile(statementRows(opening, entries), ENTRY_COLUMNS, file, AMOUNT_COLUMNS);
    }
    const statement = await this.reports.statement(access, month);
    if (format === 'json') return statement;
    const branding = await this.branding.effective(operator.id);
    const organization = (await this.organizations.view(organizationId)).name;
    const [seller, buyer] = await Promise.all([
      this.parties.seller(operator.id),
      this.parties.billingDetails(organizationId),
    ]);
    const content = statementDocument(statement, { organization, branding, seller, buyer });
    return pdfFile(await this.documents.pdf(organizationId, content), name);
  }
}
