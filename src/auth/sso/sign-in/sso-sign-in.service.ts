import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimitService } from '../../../limits/index.js';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { OperatorService } from '../../../operators/index.js';
import { UserService } from '../../../users/index.js';
import { authErrors, operatorOf } from '../../access/index.js';
import {
  AudienceService,
  type Device,
  OneTimeTokenService,
  type SignedIn,
  hashOfBrowser,
  newBrowser,
  SignInService,
  tokensOf,
} from '../../identity/index.js';
import { SsoIntentService } from '../intents/sso-intent.service.js';
import { ssoErrors } from '../sso.errors.js';
import { ConnectionTestService } from '../connection-tests/connection-test.service.js';
import type { Departure } from '../connections/departure.js';
import type { PendingSsoLogin } from '../login-state/pending-sso-login.js';
import { OidcSignInService } from './oidc-sign-in.service.js';
import { assertReturn } from '../login-state/return-to.js';
import { SamlSignInService } from './saml-sign-in.service.js';
import type { SsoGrant } from '../callback/sso-callback.handler.js';
import type { RedeemSsoCode, StartSso } from './sso-sign-in.dto.js';
import { clockSkewOf } from '../connections/connection.entity.js';
import { issuerOf, type UsableConnection } from '../connections/connection.store.js';
import { redeeming, SsoStateService } from '../login-state/sso-state.service.js';
import { UsableConnectionService } from '../connections/usable-connection.service.js';

export interface Started extends Departure {
  browser: string;
}

/**
 * Signs users in through an organization's identity provider, from the redirect to the tokens, independent of the
 * protocol.
 */
@Injectable()
export class SsoSignInService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly connections: UsableConnectionService,
    private readonly oidc: OidcSignInService,
    private readonly saml: SamlSignInService,
    private readonly states: SsoStateService,
    private readonly intents: SsoIntentService,
    private readonly trials: ConnectionTestService,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly signIn: SignInService,
    private readonly audiences: AudienceService,
    private readonly config: Config,
  ) {}

  async start(
    operatorSlug: string,
    connectionId: string,
    { returnTo, codeChallenge, loginHint, audience, prompt, intent: token }: StartSso,
    browser: string | null,
    origin: Origin,
  ): Promise<Started> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    if (returnTo !== undefined) assertReturn(returnTo, this.config.baseUrl, codeChallenge !== undefined);
    await this.audiences.known(this.db.reader, operator.id, audience);
    const intent = token === undefined ? undefined : await this.intents.redeem(operator, connectionId, token);
    const connection = await this.connections.get(this.db.reader, operator, connectionId, { intent });
    const by = browser ?? newBrowser();
    const begun: PendingSsoLogin = {
      connectionId,
      browser: hashOfBrowser(by),
      ...(returnTo !== undefined && { returnTo }),
      ...(codeChallenge !== undefined && { codeChallenge }),
      ...(audience !== undefined && { audience }),
      ...(intent && { intent }),
      ...(prompt && {
        authenticatedAfter: new Date(Date.now() - clockSkewOf(connection.settings) * 1000).toISOString(),
      }),
    };
    try {
      const departure = await (connection.type === 'saml'
        ? this.saml.begin(operator, connection, await this.states.begin(operator, begun), prompt !== undefined)
        : this.oidcDeparture(operator, connection, begun, loginHint));
      return { ...departure, browser: by };
    } catch (error) {
      if (error instanceof AppError && intent?.kind === 'test') await this.trials.failed(connection, intent, error);
      throw error;
    }
  }

  private async oidcDeparture(
    operator: OperatorRef,
    connection: UsableConnection,
    begun: PendingSsoLogin,
    loginHint: string | undefined,
  ): Promise<Departure> {
    const ownRedirectUri = await this.oidc.hasOwnRedirectUri(connection);
    const state = await this.states.begin(operator, { ...begun, ...(ownRedirectUri && { ownRedirectUri }) });
    const forceLogin = begun.authenticatedAfter !== undefined;
    return { location: await this.oidc.urlOf(operator, connection, state, { ownRedirectUri, loginHint, forceLogin }) };
  }

  /** Exchanges the code of a sign-in for tokens. After a refusal, the code can still be used. */
  async redeem(operatorSlug: string, { code, codeVerifier }: RedeemSsoCode, device: Device): Promise<SignedIn> {
    await this.rateLimits.consume('sign_in_steps', device.ip ?? '');
    const operator: OperatorRef = await operatorOf(this.operators, operatorSlug);
    const result = await this.db.transaction(async (tx) => {
      const refusal = ssoErrors.invalid_code;
      const { userId, payload } = await redeeming(this.tokens, tx, 'sso_code', operator.id, code, refusal);
      const { codeChallenge, ...finished } = payload as unknown as SsoGrant;
      assertVerifier(codeChallenge, codeVerifier);
      const connection = await this.connections.get(tx, operator, finished.connectionId);
      if (issuerOf(connection) !== finished.issuer) throw refusal();
      const user = await this.users.get(tx, operator.id, { userId: userId ?? '' });
      if (user.blockedAt) throw authErrors.blocked();
      const { organizationId, audience } = finished;
      return this.signIn.enter(tx, operator, user, { organizationId, audience }, finished.proof, device, finished);
    });
    return tokensOf(result);
  }
}

export function assertVerifier(challenge: string | undefined, verifier: string | undefined): void {
  const shown = verifier && createHash('sha256').update(verifier).digest('base64url');
  if ((challenge ?? undefined) !== (shown || undefined)) throw ssoErrors.invalid_code();
}
