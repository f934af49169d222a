import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { EventService } from '../events/index.js';
import { OperatorService } from '../operators/index.js';
import { toUserView, type User, userErrors, UserService, type UserView } from '../users/index.js';
import { authErrors } from '../auth/access/index.js';
import { OneTimeTokenService, type Purpose, SessionService, StaffAuthorityService } from '../auth/identity/index.js';
import { PersonStore } from './person.store.js';

/** Tokens that could finish a sign-in or change the account after an unblock. */
const WITHDRAWN: readonly Purpose[] = ['mfa', 'select_organization', 'reset_password', 'confirm_email'];
/** Tokens that could finish a sign-in that has begun. */
const SIGN_IN_STEPS: readonly Purpose[] = ['mfa', 'select_organization'];

/** Blocks users, unblocks them and signs them out, on behalf of staff. */
@Injectable()
export class BlockingService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly authority: StaffAuthorityService,
    private readonly sessions: SessionService,
    private readonly tokens: OneTimeTokenService,
    private readonly store: PersonStore,
    private readonly events: EventService,
  ) {}

  block(access: PersonAccess, userId: string, reason: string): Promise<UserView> {
    const { actor, operator } = access;
    return this.db.transaction(async (tx) => {
      const user = await this.target(tx, access, userId);
      if (user.blockedAt) return toUserView(user);
      const blocked = await this.users.setBlocked(tx, actor, user, reason);
      await this.sessions.endAllIn(tx, actor, operator.id, user.id, 'blocked');
      for (const purpose of WITHDRAWN) await this.tokens.withdraw(tx, purpose, user.id);
      for (const { id, organizationId, name } of await this.store.revokeApiKeys(tx, user.id))
        await this.events.record(
          tx,
          { kind: 'organization', id: organizationId },
          { type: 'api_key.revoked', actor, subject: { type: 'api_key', id }, before: { name } },
        );
      return toUserView(blocked);
    });
  }

  unblock(access: PersonAccess, userId: string): Promise<UserView> {
    return this.db.transaction(async (tx) => {
      const user = await this.target(tx, access, userId);
      return toUserView(user.blockedAt ? await this.users.setBlocked(tx, access.actor, user, null) : user);
    });
  }

  async signOut(access: PersonAccess, userId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const user = await this.target(tx, access, userId);
      for (const purpose of SIGN_IN_STEPS) await this.tokens.withdraw(tx, purpose, user.id);
      await this.sessions.endAllIn(tx, access.actor, access.operator.id, user.id, 'signed_out_by_staff');
    });
  }

  /** Locks the user. The lock of the operator keeps two admins from blocking each other. */
  private async target(tx: Tx, access: PersonAccess, userId: string): Promise<User> {
    await this.operators.lock(tx, access.operator.id);
    const caller = await this.users.find(tx, access.homeOperatorId, access.actor.userId);
    if (!caller || caller.blockedAt) throw authErrors.invalid_token();
    if (userId === caller.id) throw userErrors.own_account();
    await this.users.get(tx, access.operator.id, { userId });
    const user = await this.users.lock(tx, userId);
    await this.authority.assertMayActOn(tx, access, user);
    return user;
  }
}
