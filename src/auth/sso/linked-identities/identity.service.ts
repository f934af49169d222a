import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor, PersonAccess } from '../../../common/access/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { organizationErrors, OrganizationMemberService, OrganizationService } from '../../../organizations/index.js';
import { UserService } from '../../../users/index.js';
import { authErrors } from '../../access/index.js';
import {
  AccountNoticeService,
  OneTimeTokenService,
  PasskeyStore,
  PasswordStore,
  SessionService,
  UndoService,
} from '../../identity/index.js';
import { ConnectionStore, issuerOf, type UsableConnection } from '../connections/connection.store.js';
import { SsoIntentService } from '../intents/sso-intent.service.js';
import type { IntentView } from '../intents/sso-intent.dto.js';
import { SsoAdmissionService } from '../admission/sso-admission.service.js';
import type { PendingLink } from '../callback/sso-callback.handler.js';
import { assertVerifier } from '../sign-in/sso-sign-in.service.js';
import { redeeming } from '../login-state/sso-state.service.js';
import { assertUsable } from '../connections/usable-connection.service.js';
import { ssoErrors } from '../sso.errors.js';
import { type ConfirmLinking, type IdentityView, toIdentityView } from './identity.dto.js';
import { type IdentityRow, IdentityStore } from '../identities/identity.store.js';

/** Lets users manage their identities at the identity providers of their organizations. */
@Injectable()
export class IdentityService implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly store: IdentityStore,
    private readonly connections: ConnectionStore,
    private readonly members: OrganizationMemberService,
    private readonly organizations: OrganizationService,
    private readonly admission: SsoAdmissionService,
    private readonly intents: SsoIntentService,
    private readonly tokens: OneTimeTokenService,
    private readonly users: UserService,
    private readonly passwords: PasswordStore,
    private readonly passkeys: PasskeyStore,
    private readonly sessions: SessionService,
    private readonly rateLimits: RateLimitService,
    private readonly events: EventService,
    private readonly notices: AccountNoticeService,
    private readonly undo: UndoService,
  ) {}

  onModuleInit(): void {
    this.undo.handle('identity_linked', async (tx, actor, user, { subjectId = '' }) => {
      const identity = await this.store.findOfUser(tx, user.id, subjectId);
      if (identity) await this.unlink(tx, actor, user.operatorId, identity, null);
    });
  }

  async list({ actor }: PersonAccess): Promise<IdentityView[]> {
    return (await this.store.listOfUser(this.db.reader, actor.userId)).map(toIdentityView);
  }

  begin(access: PersonAccess, connectionId: string): Promise<IntentView> {
    const { userId, sessionId } = access.actor;
    return this.db.transaction(
      async (tx) => {
        await this.usable(tx, access, connectionId);
        return this.intents.issue(tx, access.operator, connectionId, { kind: 'link', userId, sessionId });
      },
      { keepsAccess: true },
    );
  }

  /**
   * Links the identity only in the session that started, because a user lured into signing in with another user's link
   * has agreed to nothing. After a refusal, the code can still be used.
   */
  async confirm(access: PersonAccess, { code, codeVerifier }: ConfirmLinking): Promise<IdentityView> {
    const { actor, operator } = access;
    await this.rateLimits.consume('sign_in_steps', actor.origin.ip ?? '');
    return this.db.transaction(async (tx) => {
      const refusal = ssoErrors.invalid_code;
      const { userId, payload } = await redeeming(this.tokens, tx, 'sso_link', operator.id, code, refusal);
      const { connectionId, issuer, sessionId, subject, codeChallenge } = payload as unknown as PendingLink;
      if (userId !== actor.userId || sessionId !== actor.sessionId) throw refusal();
      assertVerifier(codeChallenge, codeVerifier);
      const { organizationId } = await this.usable(tx, access, connectionId);
      const locked = await this.organizations.lock(tx, organizationId);
      if (locked.suspendedAt) throw organizationErrors.suspended();
      const connection = await this.usable(tx, access, connectionId);
      if (issuerOf(connection) !== issuer) throw refusal();
      // What ends the sessions of an account holds the same lock. A thief must not link an identity after it.
      const user = await this.users.lock(tx, actor.userId);
      if (!(await this.sessions.keepOpen(tx, sessionId))) throw authErrors.invalid_token();
      const id = await this.admission.link(tx, connection, subject, user, actor);
      await this.notices.changed(tx, actor, user, 'identity_linked', id);
      return toIdentityView(await this.get(tx, access, id));
    });
  }

  /** Unlinks an identity and ends the sessions it opened, except the caller's own. */
  remove(access: PersonAccess, id: string): Promise<void> {
    const { actor, operator } = access;
    return this.db.transaction(async (tx) => {
      const { organizationId } = await this.get(tx, access, id);
      await this.organizations.lock(tx, organizationId);
      // Of two concurrent removals, the second finds the last identity.
      const user = await this.users.lock(tx, actor.userId);
      const identity = await this.get(tx, access, id);
      if (!(await this.hasAnotherWay(tx, access, id))) throw ssoErrors.last_way_in();
      await this.notices.changed(tx, actor, user, 'identity_unlinked');
      await this.unlink(tx, actor, operator.id, identity, actor.sessionId);
    });
  }

  private async unlink(
    tx: Tx,
    actor: Actor,
    operatorId: string,
    identity: IdentityRow,
    exceptSessionId: string | null,
  ): Promise<void> {
    const { id, organizationId, connectionId, userId, subject, linkedBy } = identity;
    await this.store.remove(tx, identity);
    const by = { organizationId, connectionId, userId };
    await this.sessions.endOfConnection(tx, actor, operatorId, by, 'sso_identity_unlinked', exceptSessionId);
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: 'sso_identity.unlinked',
        actor,
        subject: { type: 'sso_identity', id },
        before: { userId, connectionId, subject, linkedBy },
      },
    );
  }

  private async hasAnotherWay(tx: Tx, { actor: { userId } }: PersonAccess, id: string): Promise<boolean> {
    if ((await this.passwords.findHash(tx, userId)) !== null) return true;
    if ((await this.passkeys.list(tx, userId)).length > 0) return true;
    return (await this.store.listOfUser(tx, userId)).some((other) => other.id !== id);
  }

  /** Answers as if the connection did not exist unless the user is a member of its organization. */
  private async usable(tx: Tx, { actor, operator }: PersonAccess, id: string): Promise<UsableConnection> {
    const connection = await this.connections.findUsable(tx, operator.id, id);
    if (!connection || !(await this.members.isMember(tx, connection.organizationId, actor.userId)))
      throw ssoErrors.connection_not_found();
    assertUsable(connection);
    return connection;
  }

  private async get(tx: Tx, { actor }: PersonAccess, id: string): Promise<IdentityRow> {
    const identity = await this.store.findOfUser(tx, actor.userId, id);
    if (!identity) throw ssoErrors.identity_not_found();
    return identity;
  }
}
