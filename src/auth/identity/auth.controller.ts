import {
  Body,
  Controller,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  createParamDecorator,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Origin, Public } from '../../common/access/index.js';
import { ApiErrors } from '../../http/index.js';
import { CountsWrongSecrets } from '../../limits/index.js';
import { Register, RegistrationView, VerifiedEmailView, VerifyEmail } from './registration/registration.dto.js';
import { RegistrationService } from './registration/registration.service.js';
import { type SignedIn, SignInService } from './sign-in/sign-in.service.js';
import {
  BearerAuthenticator,
  CurrentOrigin,
  KEY_SET_SECONDS,
  SIGN_IN_POLICY_ERRORS,
  SigningKeyService,
} from '../access/index.js';
import { TokenRequest } from './program-sign-in/token-request.dto.js';
import { TokenRequestService } from './program-sign-in/token-request.service.js';
import { TakesBrowserSession } from './browser-sessions/browser-session.decorator.js';
import { CurrentDevice } from './sessions/device.js';
import { Login, Logout, ReturnsTokens, SelectOrganization, SignsIn, type TokenView } from './sessions/session.dto.js';
import { type Device, SessionService } from './sessions/session.service.js';

const CurrentContext = createParamDecorator((_: unknown, context: ExecutionContext) => context);

@ApiTags('Sign-in')
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/auth')
export class AuthController {
  constructor(
    private readonly registration: RegistrationService,
    private readonly signIn: SignInService,
    private readonly sessions: SessionService,
    private readonly bearer: BearerAuthenticator,
    private readonly tokens: TokenRequestService,
  ) {}

  @ApiOperation({
    operationId: 'register',
    summary: 'Register an account and mail a confirmation link to the address.',
  })
  @Post('register')
  @HttpCode(202)
  @Public()
  @ApiErrors('auth.registration_closed', 'auth.email_domain_not_allowed', 'auth.too_many_attempts')
  @ApiAcceptedResponse({ type: RegistrationView })
  async register(
    @Param('operator') operator: string,
    @Body() input: Register,
    @CurrentOrigin() origin: Origin,
  ): Promise<RegistrationView> {
    await this.registration.register(operator, input, origin);
    return { status: 'verification_sent' };
  }

  @ApiOperation({
    summary: 'Prove an address with the token of the mailed link and choose the password of the account.',
  })
  @Post('verify-email')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_one_time_token',
    'auth.already_verified',
    'auth.password_too_short',
    'auth.password_too_weak',
    'auth.password_too_common',
    'auth.too_many_attempts',
    'auth.busy',
  )
  @ApiOkResponse({ type: VerifiedEmailView })
  verifyEmail(
    @Param('operator') operator: string,
    @Body() input: VerifyEmail,
    @CurrentOrigin() origin: Origin,
  ): Promise<VerifiedEmailView> {
    return this.registration.verify(operator, input.token, input.password, origin);
  }

  @ApiOperation({ operationId: 'login', summary: 'Sign in with a password.' })
  @Post('login')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_credentials',
    'auth.blocked',
    'auth.organization_selection_required',
    'auth.audience_unknown',
    'auth.too_many_attempts',
    'auth.busy',
    'organizations.not_found',
    'organizations.suspended',
    ...SIGN_IN_POLICY_ERRORS,
  )
  @SignsIn()
  login(@Param('operator') operator: string, @Body() input: Login, @CurrentDevice() device: Device): Promise<SignedIn> {
    return this.signIn.login(operator, input, device);
  }

  @ApiOperation({ summary: 'Choose one of several organizations and finish the sign-in.' })
  @Post('select-organization')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_one_time_token',
    'auth.blocked',
    'auth.audience_unknown',
    'auth.too_many_attempts',
    'organizations.not_found',
    'organizations.suspended',
    ...SIGN_IN_POLICY_ERRORS,
  )
  @SignsIn()
  selectOrganization(
    @Param('operator') operator: string,
    @Body() input: SelectOrganization,
    @CurrentDevice() device: Device,
  ): Promise<SignedIn> {
    return this.signIn.select(operator, input, device);
  }

  @ApiOperation({
    summary: 'Exchange a refresh token for new tokens. Pass `organizationId` to switch to that organization.',
    description:
      'Organization and audience stay the same unless you pass new ones. Programs exchange the code of a user here, too.',
  })
  @Post('token')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_refresh_token',
    'auth.refresh_token_reused',
    'auth.invalid_one_time_token',
    'auth.authorization_pending',
    'auth.slow_down',
    'auth.expired_token',
    'auth.access_denied',
    'auth.too_many_attempts',
    'auth.step_up_required',
    'auth.blocked',
    'auth.audience_unknown',
    'organizations.not_found',
    'organizations.suspended',
    ...SIGN_IN_POLICY_ERRORS,
  )
  @ReturnsTokens('Tokens.', 'continue')
  refreshToken(
    @Param('operator') operator: string,
    @Body() input: TokenRequest,
    @CurrentDevice() device: Device,
  ): Promise<TokenView> {
    return this.tokens.issue(operator, input, device);
  }

  @ApiOperation({
    operationId: 'logout',
    summary: 'Sign out. Ends the session of the access token, or of the refresh token in the body.',
  })
  @Post('logout')
  @HttpCode(204)
  @Public()
  @TakesBrowserSession('end')
  @ApiErrors('auth.unauthenticated', 'auth.invalid_token')
  @ApiNoContentResponse()
  async logout(
    @Param('operator') operator: string,
    @Body() { refreshToken }: Logout,
    @CurrentContext() context: ExecutionContext,
    @CurrentOrigin() origin: Origin,
  ): Promise<void> {
    if (refreshToken) return this.sessions.endByToken(operator, refreshToken, origin);
    const { sessionId } = await this.bearer.authenticate(context);
    await this.sessions.endOfBearer(operator, sessionId, origin);
  }
}

@ApiTags('Sign-in')
@CountsWrongSecrets()
@Controller('.well-known')
export class KeySetController {
  constructor(private readonly keys: SigningKeyService) {}

  @ApiOperation({ summary: 'Get the public keys that verify access tokens (RFC 7517).' })
  @Get('jwks.json')
  @Public()
  @Header('cache-control', `public, max-age=${KEY_SET_SECONDS}`)
  @ApiOkResponse({ schema: { type: 'object', properties: { keys: { type: 'array', items: { type: 'object' } } } } })
  getKeySet(): object {
    return this.keys.jwks();
  }
}
