import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { type Access, ACCESS_RULE, type AccessRule } from '../../../common/access/index.js';
import { Database } from '../../../database/index.js';
import { originOf, RequestLimiter, UNLIMITED } from '../../../http/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { isId, SLUG_PATTERN } from '../../../common/ids/index.js';
import { operatorErrors } from '../../../operators/index.js';
import { ApiKeyUsageService, organizationErrors } from '../../../organizations/index.js';
import { unitErrors } from '../../../units/index.js';
import { authErrors } from '../auth.errors.js';
import { RefusedAttemptService } from '../refused-attempts/refused-attempt.service.js';
import { StepUpPolicy } from '../step-up/step-up.policy.js';
import type { TokenBearer } from '../tokens/access-token.strategy.js';
import { type Bearer, BearerAuthenticator } from '../tokens/bearer-authenticator.js';
import type { AccessFacts, KeyFacts, ResourcePath } from '../access-facts.js';
import { AccessStore } from './access.store.js';
import {
  type AccessRequest,
  decideAccess,
  decideKeyAccess,
  decideOperatorKeyAccess,
  keyActorOf,
} from './decide-access.js';
import { FactsCache } from './facts-cache.js';

type Params = Partial<Record<'operator' | 'operatorId' | 'orgId' | 'unitId', string>>;

/** Returns the resources in the path. A malformed id names nothing, so it answers like an unknown one. */
function placeOf(params: Params): ResourcePath {
  const { operator, operatorId, orgId, unitId } = params;
  if (operator !== undefined && !SLUG_PATTERN.test(operator)) throw operatorErrors.not_found();
  if (operatorId !== undefined && !isId(operatorId)) throw operatorErrors.not_found();
  if (orgId !== undefined && !isId(orgId)) throw organizationErrors.not_found();
  if (unitId !== undefined && !isId(unitId)) throw unitErrors.not_found();
  return { operatorSlug: operator, operatorId, organizationId: orgId, unitId };
}

const nameOf = ({ operatorSlug = '', operatorId = '', organizationId = '', unitId = '' }: ResourcePath): string =>
  `${operatorSlug} ${operatorId} ${organizationId} ${unitId}`;

/** Misses are not cached, so probing unknown ids cannot evict real entries. */
const isThere = ({ organization }: Pick<AccessFacts, 'organization'>): boolean => organization !== null;

/**
 * Guards every route and denies by default. A route declares what it requires (`@Requires`, `@RequiresAccount`,
 * `@Public`). Permissions are read from the database on every request, so changes of roles, memberships, sessions and
 * states apply on every server as soon as they commit. Routes marked `cached` may use facts up to a second old, unless
 * this server has changed anything since.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly ofSessions: FactsCache<AccessFacts>;
  private readonly ofKeys: FactsCache<KeyFacts>;

  constructor(
    private readonly reflector: Reflector,
    private readonly bearer: BearerAuthenticator,
    private readonly store: AccessStore,
    private readonly db: Database,
    private readonly limiter: RequestLimiter,
    private readonly rateLimits: RateLimitService,
    private readonly uses: ApiKeyUsageService,
    private readonly stepUps: StepUpPolicy,
    private readonly refused: RefusedAttemptService,
  ) {
    this.ofSessions = new FactsCache(db);
    this.ofKeys = new FactsCache(db);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { access?: Access }>();
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!rule) throw authErrors.forbidden();
    const unlimited = this.reflector.getAllAndOverride<boolean | undefined>(UNLIMITED, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule.level === 'public') {
      if (!unlimited) this.limiter.consume(request.ip);
      return true;
    }
    await this.admit(context, rule, unlimited === true);
    return true;
  }

  /**
   * Checks access and stores its facts on the request. A large body is checked for before it is read, and again by the guard, because
   * reading takes time. The request counts once against the limit of its caller.
   */
  async admit(context: ExecutionContext, rule: AccessRule, unlimited: boolean): Promise<void> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { access?: Access }>();
    const bearer = await this.bearer.identify(context).catch((error: unknown) => {
      this.limiter.consume(request.ip);
      throw error;
    });
    if (request.limitedBy === undefined) {
      request.limitedBy = 'keyHash' in bearer ? bearer.keyHash : bearer.sessionId;
      if (!unlimited) this.limiter.consume(request.limitedBy);
    }
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const place = placeOf(request.params as Params);
    request.access = await this.decide(bearer, { rule, place, reads, origin: originOf(request) });
  }

  private async decide(bearer: Bearer, request: AccessRequest): Promise<Access> {
    const { place, rule } = request;
    if (!('keyHash' in bearer)) {
      const read = () => this.store.ofSession(this.db.frequentReader, bearer, place);
      const name = `${bearer.sessionId} ${bearer.userId} ${nameOf(place)}`;
      const facts = await (rule.cached ? this.ofSessions.get(name, read, isThere) : read());
      if (!facts) throw authErrors.invalid_token();
      return this.decideSession(bearer, request, facts);
    }
    const { keyHash } = bearer;
    const { ip } = request.origin;
    const read = () => this.store.ofKey(this.db.frequentReader, bearer, place);
    const facts = await (rule.cached ? this.ofKeys.get(`${keyHash} ${nameOf(place)}`, read, isThere) : read());
    if (!facts) {
      await this.refused.noteKey(keyHash);
      this.limiter.consume(ip ?? '');
      throw await this.rateLimits.countWrongSecret(authErrors.invalid_token(), ip);
    }
    if (facts.ownOrganizationId !== null) {
      this.uses.note(facts.ownOrganizationId, facts.key.id);
      return decideKeyAccess(request, facts);
    }
    this.uses.noteOfOperator(facts.homeOperatorId, keyActorOf(facts, request.origin));
    return decideOperatorKeyAccess(request, facts);
  }

  /** Asks for a step-up before anything else is checked: the parameters of the request are read after the guard. */
  private async decideSession(bearer: TokenBearer, request: AccessRequest, facts: AccessFacts): Promise<Access> {
    const { rule, place } = request;
    const inOrganization = rule.level === 'organization' || rule.level === 'unit';
    try {
      const access = decideAccess(request, bearer, facts);
      if (rule.freshProof)
        await this.stepUps.assertFresh(bearer, inOrganization ? (place.organizationId ?? null) : null);
      return access;
    } catch (error) {
      throw await this.stepUps.withMethods(error, bearer);
    }
  }
}
