import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Origin, Public } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import { CurrentOrigin, SIGN_IN_POLICY_ERRORS } from '../../access/index.js';
import type { SignedIn } from '../sign-in/sign-in.service.js';
import { CurrentDevice } from '../sessions/device.js';
import { SignsIn } from '../sessions/session.dto.js';
import type { Device } from '../sessions/session.service.js';
import { AskForMagicLink, MagicLinkMailView, RedeemMagicLink } from './magic-link.dto.js';
import { MagicLinkService } from './magic-link.service.js';

@ApiTags('Sign-in')
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/auth/magic-link')
export class MagicLinkController {
  constructor(private readonly links: MagicLinkService) {}

  @ApiOperation({ summary: 'Request a sign-in link, which is mailed to the address.' })
  @Post()
  @HttpCode(202)
  @Public()
  @ApiErrors('auth.audience_unknown', 'auth.too_many_attempts')
  @ApiAcceptedResponse({ type: MagicLinkMailView })
  async askForMagicLink(
    @Param('operator') operator: string,
    @Body() input: AskForMagicLink,
    @CurrentOrigin() origin: Origin,
  ): Promise<MagicLinkMailView> {
    await this.links.ask(operator, input, origin);
    return { status: 'mail_sent' };
  }

  @ApiOperation({ summary: 'Sign in with the token from the mailed link.' })
  @Post('redeem')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_one_time_token',
    'auth.blocked',
    'auth.organization_selection_required',
    'auth.audience_unknown',
    'auth.too_many_attempts',
    'organizations.not_found',
    'organizations.suspended',
    ...SIGN_IN_POLICY_ERRORS,
  )
  @SignsIn()
  redeemMagicLink(
    @Param('operator') operator: string,
    @Body() input: RedeemMagicLink,
    @CurrentDevice() device: Device,
  ): Promise<SignedIn> {
    return this.links.redeem(operator, input, device);
  }
}
