import { Injectable } from '@nestjs/common';
import { holderOfKey } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { hashSecret } from '../../../common/crypto/index.js';
import { Database } from '../../../database/index.js';
import { addressOf, RequestLimiter } from '../../../http/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { apiKeyOwnerOf, OperatorService } from '../../../operators/index.js';
import { ApiKeyUsageService } from '../../../organizations/index.js';
import { AccessStore, AccessTokenVerifier, amrOf, authErrors, operatorOf } from '../../access/index.js';
import type { ClientRow } from '../clients/client.entity.js';
import { ClientService } from '../clients/client.service.js';
import { SessionScopeService } from '../sessions/session-scope.service.js';
import { SessionStore } from '../sessions/session.store.js';
import type { ClientCredentials } from './client-credentials.js';
import type { IntrospectionView } from './introspection.dto.js';

const REFRESH_TOKEN = /^trr_[\w-]{43}$/;

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** An access token or a refresh token of a session. */
interface Issued {
  sessionId: string;
  userId: string;
  organizationId: string | null;
  withOrganizations: boolean;
  /** Whether the session's idle timeout counts as well. */
  unused: boolean;
  /** The fields that describe the token itself. */
  told: Partial<IntrospectionView>;
}

/**
 * Tells a service whether a token is still valid (RFC 7662). A token carries the state at its issue. Introspection
 * answers with the current state.
 */
@Injectable()
export class IntrospectionService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly clients: ClientService,
    private readonly verifier: AccessTokenVerifier,
    private readonly sessions: SessionStore,
    private readonly scopes: SessionScopeService,
    private readonly access: AccessStore,
    private readonly uses: ApiKeyUsageService,
    private readonly limiter: RequestLimiter,
    private readonly rateLimits: RateLimitService,
    private readonly config: Config,
  ) {}

  async introspect(
    operatorSlug: string,
    credentials: ClientCredentials | null,
    token: string,
    ip: string,
  ): Promise<IntrospectionView> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const { id = '', secret = '' } = credentials ?? {};
    const client = await this.clients.authenticate(this.db.frequentReader, operator.id, id, secret);
    // Services call often and from few addresses, so each client has its own limit.
    this.limiter.consume(client?.id ?? ip);
    if (!client) {
      const refusal = authErrors.invalid_client({
        challenge: 'Basic realm="trellis"',
        data: { error: 'invalid_client' },
      });
      throw await this.rateLimits.countWrongSecret(refusal, addressOf(ip));
    }
    const found = await this.find(client, token);
    return found ? { active: true, iss: this.config.baseUrl, aud: client.audience, ...found } : { active: false };
  }

  private find(client: ClientRow, token: string): Promise<Partial<IntrospectionView> | null> {
    // Keys of operators are for Trellis alone.
    if (apiKeyOwnerOf(token) === 'organization') return this.ofKey(client, hashSecret(token));
    if (REFRESH_TOKEN.test(token)) return this.ofRefreshToken(client, hashSecret(token));
    return this.ofAccessToken(client, token);
  }

  private async ofAccessToken(client: ClientRow, token: string): Promise<Partial<IntrospectionView> | null> {
    const claims = await this.verifier.verify(token, client.audience);
    if (claims?.op_id !== client.operatorId) return null;
    const { jti, iat, exp, client_id } = claims;
    return this.ofSession(client, {
      sessionId: claims.sid,
      userId: claims.sub,
      organizationId: claims.org_id ?? null,
      withOrganizations: claims.organizations !== undefined,
      unused: false,
      told: { token_use: 'access_token', token_type: 'Bearer', client_id, jti, iat, exp },
    });
  }

  private async ofRefreshToken(client: ClientRow, hash: string): Promise<Partial<IntrospectionView> | null> {
    const found = await this.sessions.findLiveToken(this.db.reader, client.operatorId, hash);
    if (found?.audience !== client.audience) return null;
    const { issuedAt: iat, expiresAt: exp, ...issued } = found;
    const told = { token_use: 'refresh_token' as const, iat, exp };
    return this.ofSession(client, { ...issued, withOrganizations: false, unused: true, told });
  }

  private async ofSession(client: ClientRow, issued: Issued): Promise<Partial<IntrospectionView> | null> {
    const { sessionId, userId, organizationId, unused } = issued;
    const { frequentReader: reader } = this.db;
    const bearer = { sessionId, userId };
    const at = await this.scopes.introspect(reader, bearer, client.operatorId, organizationId, { unused });
    if (!at) return null;
    const person = { userId, operatorId: client.operatorId };
    return {
      ...issued.told,
      sub: userId,
      sid: sessionId,
      amr: amrOf(at.session),
      auth_time: seconds(Date.now() - at.session.signedInSecondsAgo * 1000),
      op_id: at.operator.id,
      op_slug: at.operator.slug,
      ...(await this.scopes.claims(this.db.reader, person, at, issued.withOrganizations)),
    };
  }

  /** A key has no audience. It is valid for each of the operator's services. */
  private async ofKey(client: ClientRow, hash: string): Promise<Partial<IntrospectionView> | null> {
    const { frequentReader: reader } = this.db;
    const { operatorId } = client;
    const bearer = { keyHash: hash, owner: 'organization' } as const;
    const known = await this.access.ofKey(reader, bearer, { operatorId });
    if (known?.homeOperatorId !== operatorId || known.ownOrganizationId === null) return null;
    const facts = await this.access.ofKey(reader, bearer, { operatorId, organizationId: known.ownOrganizationId });
    const organization = facts?.organization;
    if (!facts?.operator || !organization || organization.suspendedAt) return null;
    const { key, operator, endsInMs } = facts;
    this.uses.note(organization.id, key.id);
    const holder = holderOfKey(key);
    return {
      token_use: 'api_key',
      token_type: 'Bearer',
      sub: key.id,
      ...(endsInMs !== null && { exp: seconds(Date.now() + endsInMs) }),
      op_id: operator.id,
      op_slug: operator.slug,
      org_id: organization.id,
      org_slug: organization.slug,
      org_external_id: organization.externalId,
      org_role: holder.role ?? key.role,
      org_roles: [],
      org_permissions: [...holder.permissions].sort(),
      unit_ids: key.unitIds,
      ...(key.unitIds && { unit_role: key.role }),
    };
  }
}
