import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IfMatch, ApiErrors } from '../../../http/index.js';
import { AutoTopUpView, PutAutoTopUp } from './auto-top-up.dto.js';
import { AutoTopUpService } from './auto-top-up.service.js';

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/auto-top-up')
export class AutoTopUpController {
  constructor(private readonly autoTopUps: AutoTopUpService) {}

  @ApiOperation({ summary: 'Get the automatic top-up settings.' })
  @Get()
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: AutoTopUpView })
  getAutoTopUp(@CurrentAccess() access: OrganizationAccess): Promise<AutoTopUpView> {
    return this.autoTopUps.view(access);
  }

  @ApiOperation({
    summary: 'Set up automatic top-up, which buys credits when the available balance falls below a threshold.',
    description:
      'Only one automatic top-up is pending at a time. After a declined payment, the next attempt follows in ten minutes, then in an ' +
      'hour. The third decline in a row, or removing the payment method, switches automatic top-up off and notifies the admins and ' +
      'billing admins. Saving the settings resets the declines.',
  })
  @Put()
  @Requires('organization', 'auto-top-up:edit')
  @ApiErrors(
    'top_ups.no_provider',
    'top_ups.payment_method_needed',
    'top_ups.amount_too_large',
    'top_ups.amount_too_small',
    'top_ups.provider_unavailable',
  )
  @ApiOkResponse({ type: AutoTopUpView })
  setAutoTopUp(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: PutAutoTopUp,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AutoTopUpView> {
    return this.autoTopUps.put(access, input, ifMatch);
  }
}
