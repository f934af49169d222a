import { Injectable } from '@nestjs/common';
import { type PersonAccess, type Actor, includesRole, permissionsOf } from '../common/access/index.js';
import { changesOf, Database, type Reader, type Tx } from '../database/index.js';
import { assertMatches, etagOf } from '../http/index.js';
import { newId } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { EventService } from '../events/index.js';
import {
  type AccountView,
  type HeldAtOperator,
  type PatchAccount,
  toAccountView,
  toUserView,
  type UserQuery,
  userStatus,
  type UserView,
} from './user.dto.js';
import type { User } from './user.entity.js';
import { userErrors } from './user.errors.js';
import { UserStore } from './user.store.js';

function heldAtOperator({ held, operatorRole, platformAdmin }: PersonAccess): HeldAtOperator {
  const atOperator = permissionsOf('operator', operatorRole);
  const permissions = [...permissionsOf('platform', platformAdmin ? 'admin' : null), ...atOperator].sort();
  return { operatorRole: held.operator, permissions };
}

@Injectable()
export class UserService {
  constructor(
    private readonly db: Database,
    private readonly store: UserStore,
    private readonly events: EventService,
  ) {}

  find(reader: Reader, operatorId: string, id: string): Promise<User | null> {
    return this.store.find(reader, operatorId, id);
  }

  findByEmail(reader: Reader, operatorId: string, email: string): Promise<User | null> {
    return this.store.findByEmail(reader, operatorId, email);
  }

  /** Returns a user by id or address. */
  async get(
    reader: Reader,
    operatorId: string,
    by: { userId?: string | undefined; email?: string | undefined },
  ): Promise<User> {
    const user = by.userId
      ? await this.store.find(reader, operatorId, by.userId)
      : await this.store.findByEmail(reader, operatorId, by.email ?? '');
    if (!user) throw userErrors.not_found();
    return user;
  }

  /** Locks the user's row until `tx` ends, for example to check limits. */
  async lock(tx: Tx, id: string): Promise<User> {
    const user = await this.store.lock(tx, id);
    if (!user) throw userErrors.not_found();
    return user;
  }

  /** Locks all platform admins in one order until `tx` ends, whatever their operators. What is read after it is current. */
  lockPlatformAdmins(tx: Tx): Promise<void> {
    return this.store.lockPlatformAdmins(tx);
  }

  /** Returns the account of an address. If there is none, creates one that waits until its owner verifies the address. */
  async findOrInvite(tx: Tx, actor: Actor, operatorId: string, email: string): Promise<User> {
    await this.insert(tx, actor, { operatorId, email, name: email, emailVerifiedAt: null, platformAdmin: false });
    return this.get(tx, operatorId, { email });
  }

  /**
   * Creates the account of a verified address, or completes the waiting one. Returns null if the address was verified
   * before. Of concurrent proofs, one succeeds.
   */
  async proved(
    tx: Tx,
    actor: Actor,
    input: { operatorId: string; email: string; name: string; platformAdmin?: boolean },
  ): Promise<User | null> {
    const { operatorId, email, name, platformAdmin = false } = input;
    const created = await this.insert(tx, actor, {
      operatorId,
      email,
      name,
      emailVerifiedAt: new Date(),
      platformAdmin,
    });
    const found = await this.get(tx, operatorId, { email });
    if (created) return found;
    const waiting = await this.lock(tx, found.id);
    if (waiting.emailVerifiedAt) return null;
    // Nothing that was prepared before the proof opens the account after it.
    await this.store.removePassword(tx, waiting.id);
    await this.store.update(tx, waiting.id, { name, emailVerifiedAt: new Date() });
    const user = await this.get(tx, operatorId, { userId: waiting.id });
    const [before, after] = [waiting, user].map((state) => ({ name: state.name, status: userStatus(state) }));
    await this.record(tx, actor, 'user.updated', user, { before, after });
    return user;
  }

  /** Sets a verified address. Runs under the user's lock. */
  async changeEmail(tx: Tx, actor: Actor, user: User, email: string): Promise<void> {
    await this.store.setEmail(tx, user.id, email);
    await this.record(tx, actor, 'user.email_changed', user, { before: { email: user.email }, after: { email } });
  }

  /** Changes the name. Runs under the user's lock. */
  async rename(tx: Tx, actor: Actor, user: User, name: string): Promise<void> {
    const changes = changesOf<User>(user, { name });
    if (!changes) return;
    await this.store.update(tx, user.id, changes.after);
    await this.record(tx, actor, 'user.updated', user, changes);
  }

  /**
   * Lists users. Staff can search all. Managers of organizations look up a complete address, and find only members of their
   * organizations and addresses in the domains that these have proved: whether others have an account is not their business.
   */
  async list(access: PersonAccess, query: UserQuery): Promise<Page<UserView>> {
    const staff = includesRole(access.operatorRole, 'manager');
    if (!staff) await this.assertLookup(access, query);
    const managerId = staff ? undefined : access.actor.userId;
    const page = await this.store.page(this.db.reader, access.operator.id, query, managerId);
    const items = page.items.map(toUserView);
    if (!staff) for (const item of items) delete item.createdAt;
    return { ...page, items };
  }

  /** Blocks or unblocks a user, under their lock. Returns the user as they are from then on. */
  async setBlocked(tx: Tx, actor: Actor, user: User, reason: string | null): Promise<User> {
    await this.store.setBlocked(tx, user.id, reason === null ? null : new Date());
    const changes = reason === null ? {} : { after: { reason } };
    await this.record(tx, actor, reason === null ? 'user.unblocked' : 'user.blocked', user, changes);
    return this.get(tx, user.operatorId, { userId: user.id });
  }

  /** Leaves only the id of an account, for the audit log. Under the user's lock. */
  async erase(tx: Tx, actor: Actor, user: User): Promise<void> {
    await this.store.erase(tx, user.id);
    await this.record(tx, actor, 'user.erased', user, {});
  }

  async account(access: PersonAccess): Promise<AccountView> {
    return toAccountView(await this.get(this.db.reader, access.homeOperatorId, access.actor), heldAtOperator(access));
  }

  async updateAccount(access: PersonAccess, input: PatchAccount, ifMatch: string | undefined): Promise<AccountView> {
    return this.db.transaction(async (tx) => {
      const user = await this.lock(tx, access.actor.userId);
      assertMatches(ifMatch, etagOf(user.version));
      const changes = changesOf<User>(user, input);
      if (changes) {
        await this.store.update(tx, user.id, changes.after);
        await this.record(tx, access.actor, 'user.updated', user, changes);
      }
      return toAccountView(await this.get(tx, user.operatorId, { userId: user.id }), heldAtOperator(access));
    });
  }

  private async assertLookup(access: PersonAccess, query: UserQuery): Promise<void> {
    if (!(await this.store.managesAnOrganization(this.db.reader, access.actor.userId)))
      throw userErrors.lookup_not_allowed();
    if (!query.email || query.q) throw userErrors.email_required();
  }

  private async insert(
    tx: Tx,
    actor: Actor,
    input: Pick<User, 'operatorId' | 'email' | 'name' | 'emailVerifiedAt' | 'platformAdmin'>,
  ): Promise<boolean> {
    const preferences = { language: null, timeZone: null, colorScheme: null };
    const states = { blockedAt: null, erasedAt: null, createdAt: new Date(), version: 1 };
    const user: User = { ...input, ...preferences, ...states, id: newId() };
    if (!(await this.store.insertIfAbsent(tx, user))) return false;
    await this.record(tx, actor, 'user.created', user, { after: { name: user.name, status: userStatus(user) } });
    return true;
  }

  private record(
    tx: Tx,
    actor: Actor,
    type: 'user.created' | 'user.updated' | 'user.email_changed' | 'user.blocked' | 'user.unblocked' | 'user.erased',
    user: User,
    changes: { before?: object; after?: object },
  ) {
    return this.events.record(
      tx,
      { kind: 'operator', id: user.operatorId },
      { type, actor, subject: { type: 'user', id: user.id }, ...changes },
    );
  }
}
