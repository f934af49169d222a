import { Injectable } from '@nestjs/common';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database } from '../../../database/index.js';
import { OperatorService } from '../../../operators/index.js';
import { RateLimitStore } from '../../identity/index.js';
import { operatorOf } from '../../access/index.js';
import { hashOfBrowser } from '../login-state/browser.js';
import type { SamlSettings } from '../connections/connection.entity.js';
import type { UsableConnection } from '../connections/connection.store.js';
import { serviceProviderOf } from '../connections/connection.view.js';
import { SamlProvider } from '../saml/saml-provider.js';
import { ssoErrors } from '../sso.errors.js';
import type { PendingSsoLogin } from '../login-state/pending-sso-login.js';
import { type SsoResult, SsoCallbackHandler } from '../callback/sso-callback.handler.js';
import { SsoStateService } from '../login-state/sso-state.service.js';
import { UsableConnectionService } from '../connections/usable-connection.service.js';

export interface SamlForm {
  SAMLResponse: string;
  RelayState?: string | undefined;
}

/** The way to a SAML provider and back. */
@Injectable()
export class SamlSignInService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly connections: UsableConnectionService,
    private readonly saml: SamlProvider,
    private readonly states: SsoStateService,
    private readonly ending: SsoCallbackHandler,
    private readonly rateLimits: RateLimitStore,
    private readonly config: Config,
  ) {}

  /** Where to send the browser. */
  urlOf(operator: OperatorRef, connection: UsableConnection, state: string): Promise<string> {
    const us = serviceProviderOf(this.config.baseUrl, operator.slug, connection.id);
    const request = { requestId: this.states.requestIdOf(state), relayState: state };
    return this.saml.authorizationUrl(connection, us, request);
  }

  /**
   * The browser brings an answer of a SAML provider. Browsers keep their cookie back when another site posts: then the
   * sign-in waits, and ends at `finishWaiting`. Throws operators.not_found, sso.connection_not_found,
   * .connection_disabled, .state_invalid, .browser_mismatch, .idp_initiated_not_allowed, organizations.suspended,
   * auth.too_many_attempts.
   */
  async answer(
    operatorSlug: string,
    connectionId: string,
    { SAMLResponse, RelayState }: SamlForm,
    browser: string | null,
    origin: Origin,
  ): Promise<SsoResult | { ticket: string }> {
    await this.rateLimits.consume('token', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const us = serviceProviderOf(this.config.baseUrl, operator.slug, connectionId);
    if (!RelayState?.startsWith('trt_')) {
      const connection = await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml' });
      if (!(connection.settings as SamlSettings).allowIdpInitiated) throw ssoErrors.idp_initiated_not_allowed();
      return this.ending.end(operator, { connectionId, browser: '' }, origin, async () => ({
        connection,
        assertion: await this.saml.assertion(connection, us, SAMLResponse, null),
      }));
    }
    // Before the state is used up: whoever posts to the wrong place has not answered.
    await this.connections.get(this.db.reader, operator, connectionId, {
      type: 'saml',
      intent: { kind: 'test', callerId: '' },
    });
    const begun = await this.states.take(operator, RelayState);
    if (begun.connectionId !== connectionId) throw ssoErrors.state_invalid();
    const { intent } = begun;
    const read = async () => {
      const connection = await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml', intent });
      const requestId = this.states.requestIdOf(RelayState);
      return { connection, assertion: await this.saml.assertion(connection, us, SAMLResponse, requestId) };
    };
    if (browser === null) return { ticket: await this.states.wait(operator, begun, (await read()).assertion) };
    if (begun.browser !== hashOfBrowser(browser)) throw ssoErrors.browser_mismatch();
    return this.ending.end(operator, begun, origin, read);
  }

  /** What waited for the cookie of the browser that began. Throws operators.not_found, sso.state_invalid, .browser_mismatch, auth.too_many_attempts. */
  async finishWaiting(
    operatorSlug: string,
    ticket: string,
    browser: string | null,
    origin: Origin,
  ): Promise<SsoResult> {
    await this.rateLimits.consume('token', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { begun, assertion } = await this.states.awaited(operator, ticket, browser);
    const { connectionId, intent }: PendingSsoLogin = begun;
    return this.ending.end(operator, begun, origin, async () => ({
      connection: await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml', intent }),
      assertion,
    }));
  }

  /** Throws operators.not_found, sso.connection_not_found, .connection_disabled, organizations.suspended. */
  async metadata(operatorSlug: string, connectionId: string): Promise<string> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const connection = await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml' });
    return this.saml.metadata(connection, serviceProviderOf(this.config.baseUrl, operator.slug, connectionId));
  }
}
