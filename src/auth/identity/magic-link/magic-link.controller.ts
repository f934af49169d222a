import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Origin, Public } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import { CurrentOrigin, SIGN_IN_POLICY_ERRORS } from '../../access/index.js';
import { TakesBrowserSession } from '../browser-sessions/browser-session.decorator.js';
import { wantsCookie } from '../browser-sessions/browser-session.guard.js';
import { CurrentBrowser, newBrowser, setBrowser } from '../browser-sessions/sign-in-browser.js';
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
  constructor(
    private readonly links: MagicLinkService,
    private readonly config: Config,
  ) {}

  @ApiOperation({
    summary: 'Request a sign-in link, which is mailed to the address.',
    description:
      'The page of the link shows a code to enter where the user signs in. With `Trellis-Session: cookie`, it signs in with one button in this ' +
      'browser instead, and shows the code in other browsers only.',
  })
  @Post()
  @HttpCode(202)
  @Public()
  @TakesBrowserSession('ask')
  @ApiErrors('auth.audience_unknown', 'auth.foreign_origin', 'auth.too_many_attempts')
  @ApiAcceptedResponse({
    type: MagicLinkMailView,
    headers: {
      'Set-Cookie': {
        description: 'Identifies this browser, with `Trellis-Session: cookie`.',
        schema: { type: 'string' },
      },
    },
  })
  async askForMagicLink(
    @Param('operator') operator: string,
    @Body() input: AskForMagicLink,
    @CurrentOrigin() origin: Origin,
    @CurrentBrowser() known: string | null,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MagicLinkMailView> {
    const browser = wantsCookie(request) ? (known ?? newBrowser()) : null;
    await this.links.ask(operator, input, origin, browser);
    if (browser !== null) setBrowser(reply, browser, this.config.baseUrl);
    return { status: 'mail_sent' };
  }

  @ApiOperation({ summary: 'Sign in with the token from the mailed link.' })
  @Post('redeem')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_one_time_token',
    'auth.blocked',
    'auth.browser_mismatch',
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
    @CurrentBrowser() browser: string | null,
  ): Promise<SignedIn> {
    return this.links.redeem(operator, input, device, browser);
  }
}
