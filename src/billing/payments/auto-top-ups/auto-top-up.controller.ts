import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IfMatch, ApiErrors } from '../../../http/index.js';
import { AutoTopUpView, PutAutoTopUp } from './auto-top-up.dto.js';
import { AutoTopUps } from './auto-top-up.service.js';

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/auto-top-up')
export class AutoTopUpController {
  constructor(private readonly autoTopUps: AutoTopUps) {}

  @ApiOperation({ summary: 'Whether and how credits are bought by themselves.' })
  @Get()
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: AutoTopUpView })
  getAutoTopUp(@CurrentAccess() access: OrganizationAccess): Promise<AutoTopUpView> {
    return this.autoTopUps.view(access);
  }

  @ApiOperation({
    summary: 'Buy credits by themselves when available falls below a threshold.',
    description:
      'One at a time. After a declined payment it waits ten minutes, after the next an hour, and the third switches it off, of which ' +
      'admins and billing admins are told, as does removing what pays. Saving it begins anew.',
  })
  @Put()
  @Requires('organization', 'auto-top-up:edit')
  @ApiErrors('top_ups.payment_method_needed', 'top_ups.amount_too_large', 'top_ups.provider_unavailable')
  @ApiOkResponse({ type: AutoTopUpView })
  setAutoTopUp(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: PutAutoTopUp,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AutoTopUpView> {
    return this.autoTopUps.put(access, input, ifMatch);
  }
}
