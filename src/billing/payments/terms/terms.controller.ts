import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../../../common/access/index.js';
import { CURRENCIES } from '../../../common/money/index.js';
import { IfMatch } from '../../../http/index.js';
import { CurrencyListView, PatchTerms, TermsView } from './terms.dto.js';
import { TermsService } from './terms.service.js';

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/admin/operator/top-up-settings')
export class TermsController {
  constructor(private readonly terms: TermsService) {}

  @ApiOperation({ summary: 'Get the terms for selling credits: price, currency and allowed return origins.' })
  @Get()
  @Requires('operator', 'top-up-packages:read')
  @ApiOkResponse({ type: TermsView })
  getTopUpSettings(@CurrentAccess() access: Access): Promise<TermsView> {
    return this.terms.view(access);
  }

  @ApiOperation({ summary: 'List the currencies that payments are taken in, with the rules for their amounts.' })
  @Get('currencies')
  @Requires('operator', 'top-up-packages:read')
  @ApiOkResponse({ type: CurrencyListView })
  listCurrencies(): CurrencyListView {
    return { items: [...CURRENCIES.values()] };
  }

  @ApiOperation({ summary: 'Update the terms for selling credits. Existing top-ups keep theirs.' })
  @Patch()
  @Requires('operator', 'top-up-settings:edit')
  @ApiOkResponse({ type: TermsView })
  updateTopUpSettings(
    @CurrentAccess() access: Access,
    @Body() input: PatchTerms,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<TermsView> {
    return this.terms.patch(access, input, ifMatch);
  }
}
