import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { lastOf } from '../../../common/validation/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import { AsOfQuery, BalanceView, EntryQuery, EntryView } from './entry.dto.js';
import { EntryService } from './entry.service.js';

class EntryPage extends PageOf(EntryView) {}

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits')
export class EntryController {
  constructor(private readonly entries: EntryService) {}

  @ApiOperation({ summary: 'List ledger entries, newest first. Managers see all entries, users only their own usage.' })
  @Get('entries')
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: EntryPage })
  listEntries(@CurrentAccess() access: OrganizationAccess, @Query() query: EntryQuery): Promise<Page<EntryView>> {
    return this.entries.list(access, query);
  }

  @ApiOperation({ summary: 'Get the balance now or at a past instant.' })
  @Get('balance')
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: BalanceView })
  getBalance(@CurrentAccess() access: OrganizationAccess, @Query() query: AsOfQuery): Promise<BalanceView> {
    return this.entries.balance(access, query.asOf === undefined ? null : lastOf(query.asOf, access.operator.timeZone));
  }
}
