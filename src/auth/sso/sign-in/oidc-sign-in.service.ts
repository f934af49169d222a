import { Injectable } from '@nestjs/common';
import { RateLimitService } from '../../../limits/index.js';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database } from '../../../database/index.js';
import { OperatorService } from '../../../operators/index.js';
import { operatorOf } from '../../access/index.js';
import { askedForMore, authenticatedAt, sessionNameOf } from '../claims.js';
import type { OidcSettings } from '../connections/connection.entity.js';
import { issuerOf, type UsableConnection } from '../connections/connection.store.js';
import { redirectUriOf, sharedRedirectUriOf } from '../connections/connection.view.js';
import { OidcProvider } from '../oidc/oidc-provider.js';
import { ssoErrors } from '../sso.errors.js';
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

  /**
   * Tells whether the provider is given the connection's own redirect URI. The shared one is only safe where the provider
   * names itself in its response.
   */
  async hasOwnRedirectUri(connection: UsableConnection): Promise<boolean> {
    const { usesSharedRedirectUri } = connection.settings as OidcSettings;
    return !usesSharedRedirectUri || !(await this.oidc.namesItself(connection));
  }

  /** Returns the URL to send the browser to. */
  async urlOf(
    operator: OperatorRef,
    connection: UsableConnection,
    state: string,
    extra: { ownRedirectUri: boolean; loginHint?: string | undefined; forceLogin?: boolean },
  ): Promise<string> {
    const redirectUri = this.redirectUri(operator, extra.ownRedirectUri ? connection.id : null);
    const exchange = this.states.exchangeOf(state);
    return (await this.oidc.authorizationUrl(connection, redirectUri, exchange, extra)).href;
  }

  /**
   * Handles the return of the browser, with `search` as the query, to the redirect URI of `connectionId` (null: the shared
   * one). The code goes to the provider of that connection only. Refusals that the program which started can handle are
   * part of the result.
   */
  async callback(
    operatorSlug: string,
    connectionId: string | null,
    search: string,
    browser: string | null,
    origin: Origin,
  ): Promise<SsoResult> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const url = new URL(`${this.redirectUri(operator, connectionId)}${search}`);
    const state = url.searchParams.get('state') ?? '';
    const begun = await this.states.resume(operator, state, browser);
    const { connectionId: id, intent, ownRedirectUri } = begun;
    if (connectionId !== (ownRedirectUri ? id : null)) throw ssoErrors.state_invalid();
    return this.ending.end(operator, begun, origin, async () => {
      // The shared address says nothing about the sender of a code: the provider has to.
      if (connectionId === null && !url.searchParams.has('iss')) throw ssoErrors.issuer_mismatch();
      const connection = await this.connections.get(this.db.reader, operator, id, { type: 'oidc', intent });
      const claims = await this.oidc.claims(connection, url, this.states.exchangeOf(state));
      const subject = claims.sub as string;
      const assertion = {
        issuer: issuerOf(connection),
        subject,
        claims,
        saysVerified: true,
        askedForMore: askedForMore(claims),
        authenticatedAt: authenticatedAt(claims),
        providerSession: sessionNameOf(claims.sid),
      };
      return { connection, assertion };
    });
  }

  private redirectUri({ slug }: OperatorRef, connectionId: string | null): string {
    const { baseUrl } = this.config;
    return connectionId === null ? sharedRedirectUriOf(baseUrl, slug) : redirectUriOf(baseUrl, slug, connectionId);
  }
}
