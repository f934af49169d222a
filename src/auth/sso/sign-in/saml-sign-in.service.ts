import { Injectable } from '@nestjs/common';
import { RateLimitService } from '../../../limits/index.js';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { OperatorService } from '../../../operators/index.js';
import { operatorOf } from '../../access/index.js';
import type { SamlSettings } from '../connections/connection.entity.js';
import type { UsableConnection } from '../connections/connection.store.js';
import { serviceProviderOf } from '../connections/connection.view.js';
import { SamlProvider } from '../saml/saml-provider.js';
import { errorOf, refusalOf } from '../saml/saml-refusal.js';
import type { SamlAssertion } from '../saml/saml-response.js';
import { hashOfBrowser } from '../../identity/index.js';
import { ssoErrors } from '../sso.errors.js';
import type { Departure } from '../connections/departure.js';
import type { PendingSsoLogin, SamlVerdict } from '../login-state/pending-sso-login.js';
import { type SsoResult, SsoCallbackHandler } from '../callback/sso-callback.handler.js';
import { SsoStateService } from '../login-state/sso-state.service.js';
import { UsableConnectionService } from '../connections/usable-connection.service.js';

export interface SamlForm {
  SAMLResponse: string;
  /** Empty if there is none. */
  RelayState: string;
}

/** Sends the browser to a SAML provider and handles its return. */
@Injectable()
export class SamlSignInService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly connections: UsableConnectionService,
    private readonly saml: SamlProvider,
    private readonly states: SsoStateService,
    private readonly ending: SsoCallbackHandler,
    private readonly rateLimits: RateLimitService,
    private readonly config: Config,
  ) {}

  /** Returns where to send the browser. */
  begin(operator: OperatorRef, connection: UsableConnection, state: string, forceLogin: boolean): Promise<Departure> {
    const us = serviceProviderOf(this.config.baseUrl, operator.slug, connection.id);
    const request = { requestId: this.states.requestIdOf(state), relayState: state, forceLogin };
    return this.saml.begin(connection, us, request);
  }

  /**
   * Handles the response of a SAML provider. Browsers omit their cookie when another site posts a form. The sign-in
   * then waits and ends in `finishWaiting`.
   */
  async answer(
    operatorSlug: string,
    connectionId: string,
    { SAMLResponse, RelayState }: SamlForm,
    browser: string | null,
    origin: Origin,
  ): Promise<SsoResult | { ticket: string }> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const us = serviceProviderOf(this.config.baseUrl, operator.slug, connectionId);
    if (!RelayState.startsWith('trt_')) {
      const connection = await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml' });
      if (!(connection.settings as SamlSettings).allowIdpInitiated) throw ssoErrors.idp_initiated_not_allowed();
      return this.ending.end(operator, { connectionId, browser: '' }, origin, async () => ({
        connection,
        assertion: await this.saml.assertion(connection, us, SAMLResponse, null),
      }));
    }
    // Checked before the state is used, so that a response posted to the wrong connection does not use it up.
    const known = await this.connections.get(this.db.reader, operator, connectionId, {
      type: 'saml',
      intent: { kind: 'test', callerId: '' },
    });
    const begun = await this.states.take(operator, RelayState);
    if (begun.connectionId !== connectionId) throw ssoErrors.state_invalid();
    const { intent } = begun;
    const assertionTo = (connection: UsableConnection) =>
      this.saml.assertion(connection, us, SAMLResponse, this.states.requestIdOf(RelayState));
    if (browser === null)
      return { ticket: await this.states.wait(operator, begun, await verdictOf(() => assertionTo(known))) };
    if (begun.browser !== hashOfBrowser(browser)) throw ssoErrors.browser_mismatch();
    return this.ending.end(operator, begun, origin, async () => {
      const connection = await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml', intent });
      return { connection, assertion: await assertionTo(connection) };
    });
  }

  /** Finishes a sign-in that waited for the cookie of its browser. */
  async finishWaiting(
    operatorSlug: string,
    ticket: string,
    browser: string | null,
    origin: Origin,
  ): Promise<SsoResult> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { begun, ...verdict } = await this.states.awaited(operator, ticket, browser);
    const { connectionId, intent }: PendingSsoLogin = begun;
    return this.ending.end(operator, begun, origin, async () => {
      const connection = await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml', intent });
      if ('refusal' in verdict) throw errorOf(verdict.refusal);
      return { connection, assertion: verdict.assertion };
    });
  }

  async metadata(operatorSlug: string, connectionId: string): Promise<string> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const connection = await this.connections.get(this.db.reader, operator, connectionId, { type: 'saml' });
    return this.saml.metadata(connection, serviceProviderOf(this.config.baseUrl, operator.slug, connectionId));
  }
}

/** Keeps a refusal for the browser that began the sign-in, which knows how to begin it again. */
async function verdictOf(assertion: () => Promise<SamlAssertion>): Promise<SamlVerdict> {
  try {
    return { assertion: await assertion() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { refusal: refusalOf(error) };
  }
}
