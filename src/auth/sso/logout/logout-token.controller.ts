import { Controller, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type Origin, Public } from '../../../common/access/index.js';
import { AcceptsLargeForm, AnyRequest, ApiErrors } from '../../../http/index.js';
import { CurrentOrigin } from '../../access/index.js';
import { textField } from '../message-fields.js';
import { ProviderLogoutService } from './provider-logout.service.js';

/** Receives what OpenID providers report about users who signed out there. */
@ApiTags('Single sign-on')
@Controller('t/:operator/api/v1/auth/sso')
export class LogoutTokenController {
  constructor(private readonly logout: ProviderLogoutService) {}

  @ApiOperation({
    summary: 'The back-channel logout URI of an OpenID connection.',
    description:
      'The provider posts a `logout_token` (OpenID Connect Back-Channel Logout 1.0). It ends the sessions that the connection opened for its `sub`, or in the session `sid` of the provider. A token that arrives again changes nothing.',
  })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({
    schema: { type: 'object', required: ['logout_token'], properties: { logout_token: { type: 'string' } } },
  })
  @Post('oidc/:connectionId/logout')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Public()
  @AcceptsLargeForm()
  @AnyRequest()
  @ApiErrors(
    'sso.logout_token_invalid',
    'sso.connection_not_found',
    'sso.provider_unreachable',
    'sso.provider_invalid',
    'sso.issuer_mismatch',
    'sso.issuer_not_allowed',
    'auth.too_many_attempts',
  )
  @ApiOkResponse({ description: 'The sessions have ended.' })
  async oidcLogout(
    @Param('operator') operator: string,
    @Param('connectionId') connectionId: string,
    @CurrentOrigin() origin: Origin,
    @Req() { body }: FastifyRequest,
  ): Promise<void> {
    await this.logout.byToken(operator, connectionId, textField(body, 'logout_token'), origin);
  }
}
