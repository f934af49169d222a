import { Injectable } from '@nestjs/common';
import { RateLimitService } from '../../../limits/index.js';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database } from '../../../database/index.js';
import { OperatorService } from '../../../operators/index.js';
import { operatorOf } from '../../access/index.js';
import { askedForMore } from '../claims.js';
import type { UsableConnection } from '../connections/connection.store.js';
import { redirectUriOf } from '../connections/connection.view.js';
import { OidcProvider } from '../oidc/oidc-provider.js';
import { type SsoResult, SsoCallbackHandler } from '../callback/sso-callback.handler.js';
import { SsoStateService } from '../login-state/sso-state.service.js';
import { UsableConnectionService } from '../connections/usable-connection.service.js';

/** Sends the browser to an OpenID provider and handles its return. */
@Injectable()
export class OidcSignInService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly connections: UsableConnectionService,
    private readonly oidc: OidcProvider,
    private readonly states: SsoStateService,
    private readonly ending: SsoCallbackHandler,
    private readonly rateLimits: RateLimitService,
    private readonly config: Config,
  ) {}

  /** Returns the URL to send the browser to. */
  async urlOf(
    operator: OperatorRef,
    connection: UsableConnection,
    state: string,
    extra: { loginHint?: string | undefined; forceLogin?: boolean },
  ): Promise<string> {
    const redirectUri = redirectUriOf(this.config.baseUrl, operator.slug);
    const exchange = this.states.exchangeOf(state);
    return (await this.oidc.authorizationUrl(connection, redirectUri, exchange, extra)).href;
  }

  /**
   * Handles the return of the browser, with `search` as the query. Refusals that the program which started can handle
   * are part of the result.
   */
  async callback(operatorSlug: string, search: string, browser: string | null, origin: Origin): Promise<SsoResult> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const url = new URL(`${redirectUriOf(this.config.baseUrl, operator.slug)}${search}`);
    const state = url.searchParams.get('state') ?? '';
    const begun = await this.states.resume(operator, state, browser);
    const { connectionId: id, intent } = begun;
    return this.ending.end(operator, begun, origin, async () => {
      const connection = await this.connections.get(this.db.reader, operator, id, { type: 'oidc', intent });
      const claims = await this.oidc.claims(connection, url, this.states.exchangeOf(state));
      const subject = claims.sub as string;
      const assertion = { subject, claims, saysVerified: true, askedForMore: askedForMore(claims) };
      return { connection, assertion };
    });
  }
}
