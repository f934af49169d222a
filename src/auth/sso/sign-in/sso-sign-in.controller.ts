import {
  applyDecorators,
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtension,
  ApiExtraModels,
  ApiFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Origin, Public } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { AppError } from '../../../common/errors/index.js';
import { AcceptsLargeForm, AnyRequest, ApiErrors, PAGES_EXTENSION } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import { type Page, PageContextInterceptor, sendPage } from '../../../pages/index.js';
import { CurrentOrigin, SIGN_IN_POLICY_ERRORS } from '../../access/index.js';
import {
  CurrentBrowser,
  setBrowser,
  CurrentDevice,
  type Device,
  SIGN_IN_CODE_HINT,
  type SignedIn,
  SignsIn,
} from '../../identity/index.js';
import { ssoUrl } from '../connections/connection.view.js';
import { optionalTextField, textField } from '../message-fields.js';
import { withQuery } from '../login-state/return-to.js';
import { SsoCodeView } from '../callback/sso-code.dto.js';
import { RedeemSsoCode, StartSso } from './sso-sign-in.dto.js';
import { OidcSignInService } from './oidc-sign-in.service.js';
import { type SamlForm, SamlSignInService } from './saml-sign-in.service.js';
import type { SsoResult } from '../callback/sso-callback.handler.js';
import { SsoSignInService } from './sso-sign-in.service.js';
import { connectionTestPage } from '../connection-tests/connection-test.page.js';
import { SsoTrialView } from '../connections/connection-test.dto.js';
import { SsoFilter } from './sso.filter.js';
import { rememberBegun, SsoPageInterceptor, wantsPage } from './sso-page.interceptor.js';

const USABLE = [
  'sso.connection_not_found',
  'sso.connection_disabled',
  'organizations.suspended',
  'auth.too_many_attempts',
];
const PROVIDER = ['sso.provider_unreachable', 'sso.provider_invalid', 'sso.issuer_not_allowed', 'sso.issuer_mismatch'];
const ADMISSION = [
  'sso.email_missing',
  'sso.address_reused',
  'sso.email_not_verified',
  'sso.domain_not_verified',
  'sso.organization_mismatch',
  'sso.not_a_member',
  'auth.blocked',
  'auth.method_not_allowed',
  'auth.email_domain_not_allowed',
  'organizations.no_seat_left',
];
const ANSWER = [
  'sso.state_invalid',
  'sso.browser_mismatch',
  'sso.provider_refused',
  'sso.code_rejected',
  'sso.response_invalid',
  'sso.audience_mismatch',
  'sso.nonce_mismatch',
  'sso.claim_missing',
  'sso.signature_invalid',
  'sso.key_not_found',
  'sso.algorithm_not_allowed',
  'sso.token_expired',
  'sso.hash_mismatch',
  'sso.login_not_repeated',
];

const SAML_ANSWER = [
  'sso.assertion_not_decrypted',
  'sso.in_response_to_mismatch',
  'sso.recipient_mismatch',
  'sso.assertion_replayed',
  'sso.idp_initiated_not_allowed',
];

/** Answers errors with a page for browsers and a problem document for programs. */
const RefusesWithPages = () => applyDecorators(UseFilters(SsoFilter), ApiExtension(PAGES_EXTENSION, true));

/** Documents the response of every route that ends a sign-in. */
const EndsSso = () =>
  applyDecorators(
    RefusesWithPages(),
    ApiExtraModels(SsoCodeView, SsoTrialView),
    ApiOkResponse({
      description: 'The code of the sign-in, or the result of a connection test.',
      content: {
        'application/json': {
          schema: { oneOf: [{ $ref: getSchemaPath(SsoCodeView) }, { $ref: getSchemaPath(SsoTrialView) }] },
        },
        'text/html': { schema: { type: 'string' } },
      },
    }),
    ApiResponse({ status: 303, description: 'Redirects to `returnTo`, with `code` or `error` in the query.' }),
  );

const formOf = (body: unknown): SamlForm => ({
  SAMLResponse: textField(body, 'SAMLResponse'),
  RelayState: optionalTextField(body, 'RelayState'),
});

/** Sends a SAML request by HTTP-POST. */
const departurePage = (action: string, hidden: Record<string, string>): Page => ({
  status: 200,
  title: 'Continue to sign in',
  text: `You sign in at ${new URL(action).host}.`,
  form: { action, hidden, buttons: [{ label: 'Continue' }] },
  leaves: true,
});

const searchOf = ({ raw: { url = '' } }: FastifyRequest): string =>
  url.includes('?') ? url.slice(url.indexOf('?')) : '';

@ApiTags('Single sign-on')
@UseInterceptors(PageContextInterceptor, SsoPageInterceptor)
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/auth/sso')
export class SsoSignInController {
  constructor(
    private readonly signIn: SsoSignInService,
    private readonly oidc: OidcSignInService,
    private readonly saml: SamlSignInService,
    private readonly config: Config,
    private readonly pages: SsoPageInterceptor,
  ) {}

  @ApiOperation({
    summary: 'Start a single sign-on. Redirects the browser to the identity provider.',
    description:
      'The response sets a cookie, and the callback accepts the sign-in only from the same browser. The sign-in ends with a code: in the ' +
      'query of `returnTo`, on a page, or as JSON for clients that do not accept text/html. Exchange it for tokens at `POST …/auth/sso/token`.',
  })
  @Get(':connectionId/start')
  @Public()
  @RefusesWithPages()
  @ApiErrors('sso.return_not_allowed', 'sso.state_invalid', 'auth.audience_unknown', ...USABLE, ...PROVIDER)
  @ApiFoundResponse({ description: 'Redirects to the identity provider.' })
  @ApiOkResponse({
    description: 'SAML by HTTP-POST: a page with a button that sends the request to the identity provider.',
    content: { 'text/html': { schema: { type: 'string' } } },
  })
  async startSso(
    @Param('operator') operator: string,
    @Param('connectionId') connectionId: string,
    @Query() query: StartSso,
    @CurrentBrowser() browser: string | null,
    @CurrentOrigin() origin: Origin,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const started = await this.signIn.start(operator, connectionId, query, browser, origin);
    setBrowser(reply, started.browser, this.config.baseUrl);
    if (started.fields) {
      const theme = await this.pages.themeOf(request, connectionId);
      return sendPage(reply, { ...departurePage(started.location, started.fields), ...(theme && { theme }) });
    }
    void reply.redirect(started.location, 302);
  }

  @ApiOperation({
    summary: 'Receives the browser that an OpenID provider sends back to the redirect URI of a connection.',
    description: 'Takes the response of this connection only. Its `state` works once, in the browser that began.',
  })
  @Get('oidc/:connectionId/callback')
  @Public()
  @AnyRequest()
  @ApiErrors(...ANSWER, ...USABLE, ...PROVIDER, ...ADMISSION)
  @EndsSso()
  async oidcConnectionCallback(
    @Param('operator') operator: string,
    @Param('connectionId') connectionId: string,
    @CurrentBrowser() browser: string | null,
    @CurrentOrigin() origin: Origin,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.end(
      request,
      reply,
      await this.oidc.callback(operator, connectionId, searchOf(request), browser, origin),
    );
  }

  @ApiOperation({
    summary: 'The redirect URI that all connections shared in earlier versions.',
    description:
      'Serves connections with `usesSharedRedirectUri`, and only responses that name the provider in `iss` (RFC 9207).',
    deprecated: true,
  })
  @Get('oidc/callback')
  @Public()
  @AnyRequest()
  @ApiErrors(...ANSWER, ...USABLE, ...PROVIDER, ...ADMISSION)
  @EndsSso()
  async oidcCallback(
    @Param('operator') operator: string,
    @CurrentBrowser() browser: string | null,
    @CurrentOrigin() origin: Origin,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.end(request, reply, await this.oidc.callback(operator, null, searchOf(request), browser, origin));
  }

  @ApiOperation({
    summary: 'Receive the response of a SAML provider, which the browser posts.',
    description:
      'With the cookie of the browser that started the sign-in, it responds as the OpenID callback does. Browsers omit the cookie when ' +
      'another site posts, so they are redirected to `…/auth/sso/saml/finish` (303), where they send it.',
  })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['SAMLResponse'],
      properties: { SAMLResponse: { type: 'string' }, RelayState: { type: 'string' } },
    },
  })
  @Post('saml/:connectionId/acs')
  @HttpCode(200)
  @Public()
  @AcceptsLargeForm()
  @AnyRequest()
  @ApiErrors(...SAML_ANSWER, ...ANSWER, ...USABLE, ...PROVIDER, ...ADMISSION)
  @EndsSso()
  async samlAcs(
    @Param('operator') operator: string,
    @Param('connectionId') connectionId: string,
    @CurrentBrowser() browser: string | null,
    @CurrentOrigin() origin: Origin,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const ended = await this.saml.answer(operator, connectionId, formOf(request.body), browser, origin);
    if (!('ticket' in ended)) return this.end(request, reply, ended);
    const finish = `${ssoUrl(this.config.baseUrl, operator)}/saml/finish`;
    void reply.redirect(withQuery(finish, { ticket: ended.ticket }), 303);
  }

  @ApiOperation({ summary: 'Finish a SAML sign-in in the browser that started it.' })
  @Get('saml/finish')
  @Public()
  @AnyRequest()
  @ApiErrors(
    'sso.state_invalid',
    'sso.browser_mismatch',
    'sso.login_not_repeated',
    ...SAML_ANSWER,
    ...USABLE,
    ...ADMISSION,
  )
  @EndsSso()
  async finishSaml(
    @Param('operator') operator: string,
    @CurrentBrowser() browser: string | null,
    @CurrentOrigin() origin: Origin,
    @Query() query: object,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { ticket } = query as { ticket?: unknown };
    const given = typeof ticket === 'string' ? ticket : '';
    await this.end(request, reply, await this.saml.finishWaiting(operator, given, browser, origin));
  }

  @ApiOperation({ summary: 'Get the SAML metadata of this service as XML.' })
  @Get('saml/:connectionId/metadata')
  @Public()
  @ApiErrors(...USABLE)
  @ApiProduces('application/samlmetadata+xml')
  @ApiOkResponse({ schema: { type: 'string' } })
  async samlMetadata(
    @Param('operator') operator: string,
    @Param('connectionId') connectionId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const metadata = await this.saml.metadata(operator, connectionId);
    void reply.type('application/samlmetadata+xml').send(metadata);
  }

  @ApiOperation({ summary: 'Exchange the code of a single sign-on for tokens.' })
  @Post('token')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'sso.invalid_code',
    'auth.blocked',
    'auth.audience_unknown',
    'organizations.not_found',
    ...USABLE,
    ...SIGN_IN_POLICY_ERRORS,
  )
  @SignsIn()
  redeemSsoCode(
    @Param('operator') operator: string,
    @Body() input: RedeemSsoCode,
    @CurrentDevice() device: Device,
  ): Promise<SignedIn> {
    return this.signIn.redeem(operator, input, device);
  }

  private async end(
    request: FastifyRequest,
    reply: FastifyReply,
    { returnTo, begun, result }: SsoResult,
  ): Promise<void> {
    const { connectionId } = begun;
    if (returnTo !== undefined) {
      const failed = (code: string) => ({ error: code, connection: connectionId });
      const query: Record<string, string> =
        'code' in result ? (result instanceof AppError ? failed(result.code) : { code: result.code }) : {};
      void reply.redirect(withQuery(returnTo, query), 303);
      return;
    }
    rememberBegun(request, begun);
    if (result instanceof AppError) throw result;
    if (!wantsPage(request)) return void reply.send(result);
    const theme = await this.pages.themeOf(request, connectionId);
    const look = theme && { theme };
    if ('outcome' in result) return sendPage(reply, { ...connectionTestPage(result), ...look });
    sendPage(reply, {
      ...look,
      status: 200,
      title: 'Finish signing in',
      text: SIGN_IN_CODE_HINT,
      facts: [['Code', result.code]],
    });
  }
}
