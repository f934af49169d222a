import { Injectable } from '@nestjs/common';
import { type OperatorRef, type Origin, systemActor } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { isId } from '../../../common/ids/index.js';
import { Database } from '../../../database/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { OperatorService } from '../../../operators/index.js';
import { operatorOf } from '../../access/index.js';
import { SessionService } from '../../identity/index.js';
import type { ConnectionType } from '../connections/connection.entity.js';
import { ConnectionStore, type UsableConnection } from '../connections/connection.store.js';
import { serviceProviderOf } from '../connections/connection.view.js';
import { IdentityStore } from '../identities/identity.store.js';
import { SsoStateService } from '../login-state/sso-state.service.js';
import { type LogoutOrder, LogoutTokenVerifier } from '../oidc/logout-token.verifier.js';
import { SamlProvider } from '../saml/saml-provider.js';
import { ssoErrors } from '../sso.errors.js';

export interface SamlLogoutForm {
  SAMLRequest: string;
  RelayState: string;
  /** The query that it came with. Null: posted. */
  query: string | null;
}

/** Ends sessions of users who signed out at their identity provider: those that the connection opened, and no others. */
@Injectable()
export class ProviderLogoutService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly connections: ConnectionStore,
    private readonly identities: IdentityStore,
    private readonly sessions: SessionService,
    private readonly states: SsoStateService,
    private readonly tokens: LogoutTokenVerifier,
    private readonly saml: SamlProvider,
    private readonly rateLimits: RateLimitService,
    private readonly config: Config,
  ) {}

  async byToken(operatorSlug: string, connectionId: string, token: string, origin: Origin): Promise<void> {
    const { operator, connection } = await this.find(operatorSlug, connectionId, 'oidc', origin);
    await this.end(operator, connection, await this.tokens.verify(connection, token), origin);
  }

  /** Returns where the browser goes next, or null for nowhere. */
  async bySaml(
    operatorSlug: string,
    connectionId: string,
    { SAMLRequest, RelayState, query }: SamlLogoutForm,
    origin: Origin,
  ): Promise<string | null> {
    const { operator, connection } = await this.find(operatorSlug, connectionId, 'saml', origin);
    const us = serviceProviderOf(this.config.baseUrl, operator.slug, connection.id);
    const request = await this.saml.logout(connection, us, SAMLRequest, query);
    await this.end(operator, connection, request, origin);
    return this.saml.logoutResponseUrl(connection, us, request, RelayState);
  }

  /** Finds a connection, also a disabled one, and one of a suspended organization: its users may sign out. */
  private async find(
    operatorSlug: string,
    connectionId: string,
    type: ConnectionType,
    origin: Origin,
  ): Promise<{ operator: OperatorRef; connection: UsableConnection }> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const connection = isId(connectionId)
      ? await this.connections.findUsable(this.db.reader, operator.id, connectionId)
      : null;
    if (connection?.type !== type) throw ssoErrors.connection_not_found();
    return { operator, connection };
  }

  private async end(
    operator: OperatorRef,
    { id: connectionId, organizationId }: UsableConnection,
    { id, subject, providerSession }: LogoutOrder,
    { requestId }: Origin,
  ): Promise<void> {
    await this.db.transaction(async (tx) => {
      // Providers send a message again when the answer is lost. By then, the user may have signed in anew.
      if (!(await this.states.isNew(tx, operator, connectionId, `logout ${id}`))) return;
      const identity =
        subject === null ? null : await this.identities.find(tx, { organizationId, connectionId, subject });
      // Nothing of this user is here.
      if (subject !== null && identity === null) return;
      const by = {
        organizationId,
        connectionId,
        userId: identity?.userId,
        providerSession: providerSession ?? undefined,
      };
      await this.sessions.endOfConnection(tx, systemActor(requestId), operator.id, by, 'signed_out_at_provider');
    });
  }
}
