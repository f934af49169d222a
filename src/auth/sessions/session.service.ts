import { Injectable } from '@nestjs/common';
import type { Access, Actor, Origin } from '../../common/access/index.js';
import { hashSecret, newSecret } from '../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../common/database/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page, PageQuery } from '../../common/pagination/index.js';
import { Events } from '../../events/index.js';
import { Operators } from '../../operators/index.js';
import { type User, Users } from '../../users/index.js';
import { authErrors } from '../auth.errors.js';
import { ACCESS_TOKEN_SECONDS } from '../tokens/access-token.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { type SessionView, type TokenView, toSessionView } from './session.dto.js';
import { type Entered, SessionEntry } from './session-entry.js';
import { type ConsumedToken, SessionStore } from './session.store.js';

/** The longest a sign-in lasts, and the longest it may lie unused. */
const SESSION_MAX_SECONDS = 30 * 24 * 3600;
const SESSION_IDLE_SECONDS = 7 * 24 * 3600;

export interface Device extends Origin {
  userAgent: string | null;
}

const actorOf = (userId: string, sessionId: string, origin: Origin): Actor => ({ type: 'user', userId, sessionId, origin });

/** Sign-ins: from the first token over its refreshes to the end. */
@Injectable()
export class Sessions {
  constructor(
    private readonly db: Database,
    private readonly store: SessionStore,
    private readonly entry: SessionEntry,
    private readonly tokens: AccessTokens,
    private readonly users: Users,
    private readonly operators: Operators,
    private readonly events: Events,
  ) {}

  /** A new session for somebody who proved who he is. */
  async start(tx: Tx, user: User, entered: Entered, device: Device): Promise<TokenView> {
    const id = newId();
    const { operatorId } = user;
    await this.store.insert(tx, { id, operatorId, userId: user.id, ip: device.ip, userAgent: device.userAgent }, SESSION_MAX_SECONDS);
    const view = await this.issue(tx, user, id, entered, false);
    await this.record(tx, 'session.started', operatorId, id, actorOf(user.id, id, device));
    return view;
  }

  /**
   * The next pair of tokens for a refresh token, for the same organization or for `organizationId`. A token that was used
   * before ends its session. Throws auth.invalid_refresh_token, auth.refresh_token_reused, organizations.not_found,
   * organizations.suspended; after the last two the token can still be used.
   */
  async refresh(operatorSlug: string, refreshToken: string, wanted: { organizationId?: string | null; scope?: string }, origin: Origin): Promise<TokenView> {
    const hash = hashSecret(refreshToken);
    const view = await this.db.transaction(async (tx) => {
      const consumed = await this.store.consume(tx, hash);
      if (!consumed) return null;
      const operator = await this.operators.get(tx, consumed.operatorId);
      if (operator.slug !== operatorSlug) throw authErrors.invalid_refresh_token();
      const user = await this.users.get(tx, consumed.operatorId, consumed);
      if (user.blockedAt) throw authErrors.account_blocked();
      const entered = await this.nextEntry(tx, consumed, wanted.organizationId);
      await this.store.touch(tx, consumed.sessionId);
      return this.issue(tx, user, consumed.sessionId, entered, wanted.scope === 'organizations');
    });
    return view ?? this.refuse(hash, origin);
  }

  /** Throws invalid_cursor. */
  async list(access: Access, query: PageQuery): Promise<Page<SessionView>> {
    const page = await this.store.pageLive(this.db.reader, access.actor.userId, query);
    return { ...page, items: page.items.map((session) => toSessionView(session, access.actor.sessionId)) };
  }

  /** Ends one of the caller's own sessions. Throws auth.session_not_found. */
  async end(access: Access, id: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const session = await this.store.find(tx, id);
      if (session?.userId !== access.actor.userId) throw authErrors.session_not_found();
      await this.endIn(tx, access.homeOperatorId, id, access.actor, 'signed_out');
    });
  }

  /** Ends all of the caller's sessions, this one included. */
  async endAll(access: Access): Promise<void> {
    await this.db.transaction(async (tx) => {
      const ids = await this.store.endAll(tx, access.actor.userId, 'signed_out');
      for (const id of ids) await this.record(tx, 'session.ended', access.homeOperatorId, id, access.actor);
    });
  }

  /** Ends a session by its id or by one of its refresh tokens; what has ended already stays so. */
  async logout(by: { sessionId?: string | undefined; refreshToken?: string | undefined }, origin: Origin): Promise<void> {
    await this.db.transaction(async (tx) => {
      const session = by.sessionId
        ? await this.store.find(tx, by.sessionId)
        : await this.store.findOfToken(tx, hashSecret(by.refreshToken ?? ''));
      if (session) await this.endIn(tx, session.operatorId, session.id, actorOf(session.userId, session.id, origin), 'signed_out');
    });
  }

  countOfMembers(reader: Reader, organizationId: string): Promise<number> {
    return this.store.countOfMembers(reader, organizationId);
  }

  private async issue(tx: Tx, user: User, sessionId: string, entered: Entered, withOrganizations: boolean): Promise<TokenView> {
    const { organization } = entered;
    const refreshToken = newSecret('trr_');
    await this.store.insertRefreshToken(tx, hashSecret(refreshToken), sessionId, organization?.id ?? null, SESSION_IDLE_SECONDS);
    const person = { userId: user.id, operatorId: user.operatorId };
    const operator = await this.operators.get(tx, user.operatorId);
    const accessToken = await this.tokens.sign({
      sub: user.id,
      sid: sessionId,
      op_id: operator.id,
      op_slug: operator.slug,
      ...(await this.entry.claims(tx, person, entered, withOrganizations)),
    });
    return {
      accessToken,
      refreshToken,
      expiresIn: ACCESS_TOKEN_SECONDS,
      tokenType: 'Bearer',
      user: { id: user.id, email: user.email, name: user.name },
      ...(organization && { organization }),
    };
  }

  /** Named: that one. Not named: the token's own, or none when its bearer is out of it by now. */
  private async nextEntry(tx: Tx, consumed: ConsumedToken, wanted: string | null | undefined): Promise<Entered> {
    const current = wanted === undefined ? consumed.organizationId : wanted;
    if (wanted) {
      const entry = await this.entry.choose(tx, consumed, wanted);
      if (entry.kind === 'entered') return entry;
    }
    return this.entry.stay(tx, consumed, current);
  }

  /** A used token in the wrong hands cannot be told from one used twice by mistake: the session ends either way. */
  private async refuse(hash: string, origin: Origin): Promise<never> {
    const reused = await this.db.transaction(async (tx) => {
      const session = await this.store.findOfUsedToken(tx, hash);
      if (!session) return false;
      const actor = actorOf(session.userId, session.id, origin);
      if (await this.store.end(tx, session.id, 'refresh_token_reused')) {
        await this.record(tx, 'session.reuse_detected', session.operatorId, session.id, actor);
      }
      return true;
    });
    throw reused ? authErrors.refresh_token_reused() : authErrors.invalid_refresh_token();
  }

  private async endIn(tx: Tx, operatorId: string, id: string, actor: Actor, reason: string): Promise<void> {
    if (await this.store.end(tx, id, reason)) await this.record(tx, 'session.ended', operatorId, id, actor);
  }

  private record(tx: Tx, type: 'session.started' | 'session.ended' | 'session.reuse_detected', operatorId: string, id: string, actor: Actor) {
    return this.events.record(tx, { kind: 'operator', id: operatorId }, { type, actor, subject: { type: 'session', id } });
  }
}
