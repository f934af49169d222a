import { Injectable } from '@nestjs/common';
import {
  type Actor,
  effectiveRoles,
  includesRole,
  type OperatorRef,
  type Origin,
  type PersonAccess,
} from '../../../common/access/index.js';
import { hashSecret, newSecret, SecretBox } from '../../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { newId } from '../../../common/ids/index.js';
import type { Page, PageQuery } from '../../../common/pagination/index.js';
import { EventService } from '../../../events/index.js';
import { AdmissionService, type Vouched } from '../../../admission/index.js';
import { operatorErrors, OperatorService } from '../../../operators/index.js';
import { OrganizationMemberService } from '../../../organizations/index.js';
import { type User, UserService } from '../../../users/index.js';
import {
  amrOf,
  authErrors,
  hasOwnProof,
  operatorOf,
  type SessionFacts,
  StepUpPolicy,
  violation,
} from '../../access/index.js';
import type { StoredAuthSettings } from '../../../settings/index.js';
import { AudienceService } from '../clients/audience.service.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import { OneTimeTokenService, SIGN_IN_STEPS } from '../tokens/one-time-token.service.js';
import { type SessionView, type TokenView, toSessionView, toSignedInOrganization } from './session.dto.js';
import { type SessionScope, SessionScopeService } from './session-scope.service.js';
import { KnownDeviceService } from './known-device.service.js';
import { type OpenedThrough, SessionClaimsStore } from './session-claims.store.js';
import { type ConsumedToken, type EnteredSession, SessionStore } from './session.store.js';

/** Details of a sign-in besides user and device. */
export interface SignInDetails {
  /** The audience of the tokens. */
  audience?: string | undefined;
  vouched?: VouchedBy | undefined;
  grant?: ProgramGrant | undefined;
}

/** What a refresh asks for beside new tokens. */
export interface RefreshOptions {
  organizationId?: string | null;
  scope?: 'organizations';
  audience?: string | null;
}

/** What a signed-in user gave to a program: a session like the one that they gave it in. */
export interface ProgramGrant {
  userId: string;
  sessionId: string;
  organizationId: string | null;
  by: 'device' | 'loopback';
}

/** The identity provider that signed the user in. */
export interface VouchedBy extends Vouched {
  connectionId: string;
  /** What the provider calls its own session, if it says so. */
  providerSession?: string | null;
}

export interface Device extends Origin {
  userAgent: string | null;
}

interface Issue {
  operator: OperatorRef;
  user: User;
  sessionId: string;
  entered: SessionScope;
  audience: string | null;
  withOrganizations: boolean;
  refreshToken: string;
  /** The refresh token was issued by an earlier request. */
  replayed?: boolean;
}

const actorOf = (userId: string, sessionId: string, origin: Origin): Actor => ({
  type: 'user',
  userId,
  sessionId,
  origin,
});

/** Live sessions of one user. Another sign-in ends the oldest. */
const MAX_LIVE_SESSIONS = 50;
/** How long the predecessor of a refresh token is accepted, for a second tab and for a lost response. */
const PREDECESSOR_SECONDS = 30;
const SUCCESSOR = 'refresh-token-successor';
const REFRESH_TOKEN_PREFIX = 'trr_';
const UNFIT_BATCH = 500;
const NO_ID = '00000000-0000-0000-0000-000000000000';

const stored = (values: StoredAuthSettings['values'] | null, locks: string[] | null): StoredAuthSettings | null =>
  values ? { values, locks: locks ?? [] } : null;

function isUnfit(session: EnteredSession): boolean {
  const { userId, email, organizationId, platformAdmin, operatorRole: operator } = session;
  const roles = effectiveRoles({ platformAdmin, operator, organization: session.organizationRole, unit: null });
  const refusal = violation(
    { ...session, idleSeconds: 0 },
    {
      userId,
      email,
      organizationId,
      asStaff: includesRole(roles.operator, 'manager'),
      operatorRole: roles.operator,
      organizationRole: session.organizationRole,
      operatorRules: stored(session.operatorValues, session.operatorLocks),
      organizationRules: stored(session.organizationValues, session.organizationLocks),
    },
  );
  return refusal !== null && refusal.code !== 'auth.mfa_required';
}

/** Manages sessions from the first token through its refreshes to the end. */
@Injectable()
export class SessionService {
  constructor(
    private readonly db: Database,
    private readonly store: SessionStore,
    private readonly claims: SessionClaimsStore,
    private readonly scopes: SessionScopeService,
    private readonly tokens: AccessTokenService,
    private readonly users: UserService,
    private readonly operators: OperatorService,
    private readonly events: EventService,
    private readonly memberships: AdmissionService,
    private readonly members: OrganizationMemberService,
    private readonly devices: KnownDeviceService,
    private readonly audiences: AudienceService,
    private readonly secrets: SecretBox,
    private readonly stepUps: StepUpPolicy,
    private readonly oneTimeTokens: OneTimeTokenService,
  ) {}

  /** Starts a session for a user who has proved their identity. */
  async start(
    tx: Tx,
    operator: OperatorRef,
    user: User,
    entered: SessionScope,
    device: Device,
    { audience: wanted, vouched, grant }: SignInDetails = {},
  ): Promise<TokenView> {
    const audience = await this.audiences.known(tx, operator.id, wanted);
    const id = newId();
    await this.store.insert(tx, {
      id,
      operatorId: operator.id,
      userId: user.id,
      ip: device.ip,
      userAgent: device.userAgent,
      ...entered.session,
    });
    if (vouched)
      await this.claims.insert(tx, { ...vouched, sessionId: id, providerSession: vouched.providerSession ?? null });
    if (grant) await this.store.inheritProof(tx, id, grant.sessionId);
    // Sign-ins of one user take turns, so that each sees the sessions of the others. A block that came first is seen here,
    // and a later one sees this session.
    if ((await this.users.lock(tx, user.id)).blockedAt) throw authErrors.blocked();
    if (entered.organization) await this.members.noteEntry(tx, entered.organization.id, user.id);
    const view = await this.issue(tx, {
      operator,
      user,
      sessionId: id,
      entered,
      audience,
      withOrganizations: false,
      refreshToken: newSecret(REFRESH_TOKEN_PREFIX),
    });
    const actor = actorOf(user.id, id, device);
    const after = grant && { by: grant.by, grantedBySession: grant.sessionId };
    await this.record(tx, 'session.started', operator.id, id, actor, after);
    for (const oldest of await this.store.beyond(tx, user.id, MAX_LIVE_SESSIONS, id))
      await this.endIn(tx, operator.id, oldest, actor, 'too_many_sessions');
    // Last, because every sign-in from this kind of device waits for its row.
    await this.devices.seen(tx, user, entered.organization?.id ?? null, device);
    return view;
  }

  /**
   * Starts a session for a program that a signed-in user let in. It is as wide as the user's session and no fresher, because
   * the program proved nothing. Returns null if the user's session has ended.
   */
  async startFor(tx: Tx, operator: OperatorRef, grant: ProgramGrant, device: Device): Promise<TokenView | null> {
    const user = await this.users.lock(tx, grant.userId);
    const from = await this.store.findLive(tx, operator.id, grant.sessionId);
    if (from?.userId !== user.id) return null;
    if (user.blockedAt) throw authErrors.blocked();
    const entered = await this.programScope(tx, { userId: user.id, operatorId: operator.id }, from, grant);
    const vouched = (await this.claims.find(tx, grant.sessionId)) ?? undefined;
    return this.start(tx, operator, user, entered, device, { vouched, grant });
  }

  /**
   * Returns the next pair of tokens for a refresh token, for the same organization and audience or for new ones.
   * The immediate predecessor is accepted for 30 seconds and gives the same successor. Any other used token ends its
   * session. After a refusal about account, audience, organization or sign-in policy, the
   * token can still be used.
   */
  async refresh(
    operatorSlug: string,
    refreshToken: string,
    wanted: RefreshOptions,
    origin: Origin,
  ): Promise<TokenView> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const hash = hashSecret(refreshToken);
    const view = await this.db.transaction(async (tx) => {
      // Derived and not stored: only the holder of the predecessor can make this server repeat it.
      const successor = REFRESH_TOKEN_PREFIX + this.secrets.sign(SUCCESSOR, refreshToken);
      const first = await this.store.consume(tx, operator.id, hash);
      const consumed =
        first ??
        (await this.store.findSuccessor(tx, operator.id, {
          predecessorHash: hash,
          successorHash: hashSecret(successor),
          seconds: PREDECESSOR_SECONDS,
        }));
      if (!consumed) return null;
      const { sessionId } = consumed;
      const user = await this.users.get(tx, operator.id, consumed);
      if (user.blockedAt) throw authErrors.blocked();
      const { organizationId } = wanted;
      // Checks the kept audience again, because its client may have been removed.
      const kept = wanted.audience === undefined ? consumed.audience : wanted.audience;
      const audience = await this.audiences.known(tx, operator.id, kept);
      // A switch of organization applies access rules again. A plain refresh keeps the scope.
      if (organizationId)
        await this.memberships.applyRules(
          tx,
          actorOf(user.id, sessionId, origin),
          operator,
          user,
          organizationId,
          (await this.claims.find(tx, sessionId)) ?? undefined,
        );
      const bearer = { userId: user.id, sessionId };
      const entered = await this.nextEntry(tx, consumed, organizationId).catch(async (error: unknown) => {
        throw await this.stepUps.withMethods(error, bearer, tx);
      });
      if (organizationId) await this.members.noteEntry(tx, organizationId, user.id);
      await this.store.touch(tx, sessionId);
      return this.issue(tx, {
        operator,
        user,
        sessionId,
        entered,
        audience,
        withOrganizations: wanted.scope === 'organizations',
        refreshToken: successor,
        replayed: first === null,
      });
    });
    return view ?? this.refuse(operator.id, hash, origin);
  }

  list({ actor }: PersonAccess, query: PageQuery): Promise<Page<SessionView>> {
    return this.listOfUser(actor.userId, actor.sessionId, query);
  }

  async listOfUser(userId: string, currentId: string, query: PageQuery): Promise<Page<SessionView>> {
    const page = await this.store.pageLive(this.db.reader, userId, query);
    return { ...page, items: page.items.map((session) => toSessionView(session, currentId)) };
  }

  /** Keeps a session from being ended until `tx` ends. Returns false if it has ended. Call it under the lock of its user. */
  keepOpen(tx: Tx, id: string): Promise<boolean> {
    return this.store.keepOpen(tx, id);
  }

  countLive(reader: Reader, userId: string): Promise<number> {
    return this.store.countLive(reader, userId);
  }

  /** Ends one of the caller's own sessions. */
  async end(access: PersonAccess, id: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const session = await this.store.find(tx, id);
      if (session?.userId !== access.actor.userId) throw authErrors.session_not_found();
      await this.endIn(tx, access.homeOperatorId, id, access.actor, 'signed_out');
    });
  }

  /** Ends all of the caller's sessions, this one included, and sign-ins that have begun. */
  async endAll(access: PersonAccess): Promise<void> {
    const { actor, homeOperatorId } = access;
    await this.db.transaction(async (tx) => {
      // A session that a program is about to get from one of these waits, and is then not started.
      await this.users.lock(tx, actor.userId);
      await this.oneTimeTokens.withdraw(tx, SIGN_IN_STEPS, actor.userId);
      await this.endAllIn(tx, actor, homeOperatorId, actor.userId, 'signed_out');
    });
  }

  /** Ends all sessions of a user except `exceptId`, with an event each. */
  async endAllIn(
    tx: Tx,
    actor: Actor,
    operatorId: string,
    userId: string,
    reason: string,
    exceptId: string | null = null,
  ): Promise<void> {
    for (const id of await this.store.endAll(tx, userId, reason, exceptId))
      await this.record(tx, 'session.ended', operatorId, id, actor);
  }

  /** Ends the sessions that were opened since a change, and the one that made it, with an event each. */
  async endOpenedSince(
    tx: Tx,
    actor: Actor,
    operatorId: string,
    userId: string,
    { madeAt, sessionId }: { madeAt: Date; sessionId: string | null },
    reason: string,
  ): Promise<void> {
    for (const id of await this.store.openedSince(tx, userId, madeAt, sessionId))
      await this.endIn(tx, operatorId, id, actor, reason);
  }

  /**
   * Ends the sessions in an organization, or anywhere in the operator, that no longer meet its sign-in policy. Sessions
   * that lack only a second factor stay. The access guard refuses them until the user proves one.
   */
  async endUnfit(actor: Actor, operatorId: string, organizationId: string | null): Promise<void> {
    for (let afterId = NO_ID; ;) {
      const page = { afterId, limit: UNFIT_BATCH };
      const found = await this.store.entered(this.db.reader, operatorId, organizationId, page);
      const unfit = found.filter(isUnfit);
      if (unfit.length > 0)
        await this.db.transaction(async (tx) => {
          for (const { id } of unfit) await this.endIn(tx, operatorId, id, actor, 'sign_in_rules');
        });
      if (found.length < UNFIT_BATCH) return;
      afterId = found.at(-1)?.id ?? NO_ID;
    }
  }

  /**
   * Ends sessions that were opened through a connection, with an event each. Looks again after it waited for a session that was letting a program in, because the program's session is there only now.
   */
  async endOfConnection(
    tx: Tx,
    actor: Actor,
    operatorId: string,
    by: OpenedThrough,
    reason: string,
    exceptId: string | null = null,
  ): Promise<void> {
    for (;;) {
      const open = (await this.claims.sessionsOf(tx, by)).filter((id) => id !== exceptId);
      if (open.length === 0) return;
      for (const id of open) await this.endIn(tx, operatorId, id, actor, reason);
    }
  }

  /**
   * Ends a user's sessions in an organization, and those opened through its identity provider, with an event each. Looks again
   * for the same reason as above.
   */
  async endOfMember(
    tx: Tx,
    actor: Actor,
    operatorId: string,
    { organizationId, userId }: { organizationId: string; userId: string },
    reason: string,
  ): Promise<void> {
    for (;;) {
      const open = await this.store.standingIn(tx, organizationId, userId);
      if (open.length === 0) return;
      for (const id of open) await this.endIn(tx, operatorId, id, actor, reason);
    }
  }

  /** Ends the session of a refresh token, used or not. Ignores unknown tokens and those of other operators. */
  async endByToken(operatorSlug: string, refreshToken: string, origin: Origin): Promise<void> {
    const operator = await operatorOf(this.operators, operatorSlug);
    await this.db.transaction(async (tx) => {
      const session = await this.store.findOfToken(tx, operator.id, hashSecret(refreshToken));
      if (session)
        await this.endIn(tx, operator.id, session.id, actorOf(session.userId, session.id, origin), 'signed_out');
    });
  }

  /** Ends the session of an access token. Does nothing if it has already ended. */
  async endOfBearer(operatorSlug: string, sessionId: string, origin: Origin): Promise<void> {
    const operator = await operatorOf(this.operators, operatorSlug);
    await this.db.transaction(async (tx) => {
      const session = await this.store.find(tx, sessionId);
      if (session?.operatorId !== operator.id) throw operatorErrors.not_found();
      await this.endIn(tx, operator.id, sessionId, actorOf(session.userId, sessionId, origin), 'signed_out');
    });
  }

  countOfMembers(reader: Reader, organizationId: string): Promise<number> {
    return this.store.countOfMembers(reader, organizationId);
  }

  private async issue(
    tx: Tx,
    { operator, user, sessionId, entered, audience, withOrganizations, refreshToken, replayed }: Issue,
  ): Promise<TokenView> {
    const { organization } = entered;
    if (!replayed)
      await this.store.insertRefreshToken(tx, {
        tokenHash: hashSecret(refreshToken),
        sessionId,
        organizationId: organization?.id ?? null,
        audience,
      });
    const person = { userId: user.id, operatorId: operator.id };
    const claims = await this.scopes.claims(tx, person, entered, withOrganizations);
    const { session, accessTokenSeconds } = entered;
    const accessToken = this.tokens.sign(
      {
        sub: user.id,
        sid: sessionId,
        amr: amrOf(session),
        auth_time: Math.floor(Date.now() / 1000 - session.signedInSecondsAgo),
        op_id: operator.id,
        op_slug: operator.slug,
        ...claims,
      },
      accessTokenSeconds,
      audience,
    );
    return {
      accessToken,
      refreshToken,
      expiresIn: accessTokenSeconds,
      tokenType: 'Bearer',
      user: { id: user.id, email: user.email, name: user.name },
      ...(audience !== null && { audience }),
      ...(organization && { organization: toSignedInOrganization(organization) }),
    };
  }

  /** Uses the given organization, the one of the identity provider, or the user's only one. */
  private async programScope(
    tx: Tx,
    person: { userId: string; operatorId: string },
    session: SessionFacts,
    { organizationId }: ProgramGrant,
  ): Promise<SessionScope> {
    const wanted = organizationId ?? (hasOwnProof(session) ? null : session.ssoOrganizationId);
    if (wanted) return this.scopes.enter(tx, person, session, wanted);
    const chosen = await this.scopes.choose(tx, person, session);
    return chosen.kind === 'entered' ? chosen : this.scopes.renew(tx, person, session, null);
  }

  /** Uses the given organization. Otherwise uses the token's own, or none if the user can no longer enter it. */
  private nextEntry(tx: Tx, consumed: ConsumedToken, wanted: string | null | undefined): Promise<SessionScope> {
    const current = wanted === undefined ? consumed.organizationId : null;
    return wanted
      ? this.scopes.enter(tx, consumed, consumed, wanted)
      : this.scopes.renew(tx, consumed, consumed, current);
  }

  /** A stolen token cannot be told from one that was used twice by mistake, so the session ends either way. */
  private async refuse(operatorId: string, hash: string, origin: Origin): Promise<never> {
    const reused = await this.db.transaction(async (tx) => {
      const session = await this.store.findOfToken(tx, operatorId, hash, 'used');
      if (!session) return false;
      const actor = actorOf(session.userId, session.id, origin);
      if (await this.store.end(tx, session.id, 'refresh_token_reused')) {
        await this.record(tx, 'session.reuse_detected', operatorId, session.id, actor);
      }
      return true;
    });
    throw reused ? authErrors.refresh_token_reused() : authErrors.invalid_refresh_token();
  }

  private async endIn(tx: Tx, operatorId: string, id: string, actor: Actor, reason: string): Promise<void> {
    if (await this.store.end(tx, id, reason)) await this.record(tx, 'session.ended', operatorId, id, actor);
  }

  private record(
    tx: Tx,
    type: 'session.started' | 'session.ended' | 'session.reuse_detected',
    operatorId: string,
    id: string,
    actor: Actor,
    after?: object,
  ) {
    return this.events.record(
      tx,
      { kind: 'operator', id: operatorId },
      { type, actor, subject: { type: 'session', id }, ...(after && { after }) },
    );
  }
}
