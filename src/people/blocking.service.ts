import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { OperatorService } from '../operators/index.js';
import { toUserView, type User, userErrors, UserService, type UserView } from '../users/index.js';
import { authErrors } from '../auth/access/index.js';
import {
  OneTimeTokenService,
  type Purpose,
  SessionService,
  SIGN_IN_STEPS,
  StaffAuthorityService,
} from '../auth/identity/index.js';
import { PersonalApiKeyService } from './personal-api-key.service.js';

/** Tokens that could finish a sign-in or change the account after an unblock. */
const WITHDRAWN: readonly Purpose[] = [...SIGN_IN_STEPS, 'reset_password', 'confirm_email'];

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
    private readonly apiKeys: PersonalApiKeyService,
  ) {}

  block(access: PersonAccess, userId: string, reason: string): Promise<UserView> {
    const { actor, operator } = access;
    return this.db.transaction(async (tx) => {
      const user = await this.target(tx, access, userId);
      if (user.blockedAt) return toUserView(user);
      const blocked = await this.users.setBlocked(tx, actor, user, reason);
      await this.sessions.endAllIn(tx, actor, operator.id, user.id, 'blocked');
      await this.tokens.withdraw(tx, WITHDRAWN, user.id);
      await this.apiKeys.revokeAll(tx, actor, user.id);
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
      await this.tokens.withdraw(tx, SIGN_IN_STEPS, user.id);
      await this.sessions.endAllIn(tx, access.actor, access.operator.id, user.id, 'signed_out_by_staff');
    });
  }

  /**
   * Locks the user. The lock of the operator keeps two of its admins from blocking each other. Platform admins of different
   * operators are kept from it by the lock of all of them.
   */
  private async target(tx: Tx, access: PersonAccess, userId: string): Promise<User> {
    await this.operators.lock(tx, access.operator.id);
    const found = await this.users.find(tx, access.operator.id, userId);
    if (found?.platformAdmin) await this.users.lockPlatformAdmins(tx);
    const caller = await this.users.find(tx, access.homeOperatorId, access.actor.userId);
    if (!caller || caller.blockedAt) throw authErrors.invalid_token();
    if (userId === caller.id) throw userErrors.own_account();
    await this.users.get(tx, access.operator.id, { userId });
    const user = await this.users.lock(tx, userId);
    await this.authority.assertMayActOn(tx, access, user);
    return user;
  }
}
