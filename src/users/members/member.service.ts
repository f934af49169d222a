import { type Access, assertMayGrant, includesRole, memberErrors, type Role } from '../../common/access/index.js';
import type { Database, Tx } from '../../common/database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { assertMatches, etagOf } from '../../common/http/index.js';
import type { Page } from '../../common/pagination/index.js';
import type { Events, EventType, Stream } from '../../events/index.js';
import {
  type AddMember,
  type ChangeMember,
  type MemberQuery,
  type MemberRow,
  type MemberView,
  toMemberView,
} from './member.dto.js';
import type { MemberStore } from './member.store.js';

const namedTwiceOrNot = () =>
  commonErrors.validation_failed({
    errors: [{ field: 'userId', message: 'name the person by userId or by email, and not by both' }],
  });

/** Which of the caller's roles is the one of the level itself. */
const HELD_AT = { operator_member: 'operator', member: 'organization', unit_member: 'unit' } as const;

/** What tells one level from another. */
export interface MemberLevel {
  /** Prefix of the event types: `member`, `unit_member`, `operator_member`. */
  event: 'member' | 'unit_member' | 'operator_member';
  /** The level never loses its last admin who can sign in. */
  keepsAdmin: boolean;
}

/**
 * Adding, changing and removing members, the same at every level: under the level's lock, never above one's own role,
 * never without an admin where one is needed, each with its event.
 */
export abstract class MemberService<A extends Access> {
  protected constructor(
    protected readonly db: Database,
    protected readonly store: MemberStore,
    protected readonly events: Events,
    private readonly level: MemberLevel,
  ) {}

  protected abstract scope(access: A): string[];
  protected abstract stream(access: A): Stream;
  /** The caller's effective role at this level. */
  protected abstract ownRole(access: A): Role | null;
  /** Locks the level; throws when it takes no changes now. */
  protected abstract lock(tx: Tx, access: A): Promise<void>;
  /** The person to add. Throws users.not_found. */
  protected abstract candidate(tx: Tx, access: A, input: { userId?: string; email?: string }): Promise<{ id: string }>;

  /** Throws invalid_cursor. */
  async list(access: A, query: MemberQuery): Promise<Page<MemberView>> {
    const page = await this.store.page(this.db.reader, this.scope(access), query);
    return { ...page, items: page.items.map(toMemberView) };
  }

  /** Throws users.not_found, members.already_member, members.role_above_own, conflict. */
  async add(access: A, input: AddMember): Promise<MemberView> {
    if (!input.userId === !input.email) throw namedTwiceOrNot();
    return this.db.transaction(async (tx) => {
      await this.lockFor(tx, access);
      assertMayGrant(this.ownRole(access), input.role);
      const user = await this.candidate(tx, access, input);
      await this.store.insert(tx, this.scope(access), user.id, input.role);
      await this.record(tx, access, 'added', user.id, { after: { role: input.role } });
      return toMemberView(await this.get(tx, access, user.id));
    });
  }

  /** Throws members.not_found, members.role_above_own, members.last_admin, precondition_failed, conflict. */
  changeRole(access: A, userId: string, input: ChangeMember, ifMatch: string | undefined): Promise<MemberView> {
    return this.db.transaction(async (tx) => {
      await this.lockFor(tx, access);
      const member = await this.get(tx, access, userId);
      assertMatches(ifMatch, etagOf(member.version));
      assertMayGrant(this.ownRole(access), member.role, input.role);
      if (member.role === input.role) return toMemberView(member);
      if (input.newAdminUserId) await this.nameAdmin(tx, access, input.newAdminUserId);
      if (input.role !== 'admin') await this.assertNotLastAdmin(tx, access, member);
      await this.store.setRole(tx, this.scope(access), userId, input.role);
      await this.record(tx, access, 'role_changed', userId, {
        before: { role: member.role },
        after: { role: input.role },
      });
      await this.afterChange(tx, access, userId);
      return toMemberView(await this.get(tx, access, userId));
    });
  }

  /** Throws members.not_found, members.role_above_own, members.last_admin, conflict. */
  remove(access: A, userId: string, newAdminUserId?: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.lockFor(tx, access);
      const member = await this.get(tx, access, userId);
      if (userId !== access.actor.userId) assertMayGrant(this.ownRole(access), member.role);
      if (newAdminUserId) await this.nameAdmin(tx, access, newAdminUserId);
      await this.assertNotLastAdmin(tx, access, member);
      const before = await this.lostBy(tx, access, member);
      await this.store.remove(tx, this.scope(access), userId);
      await this.record(tx, access, 'removed', userId, { before });
      await this.afterChange(tx, access, userId);
    });
  }

  /** What a removal takes away, for its event. */
  protected lostBy(_tx: Tx, _access: A, member: MemberRow): Promise<object> {
    return Promise.resolve({ role: member.role });
  }

  /** What else follows when somebody's role was changed or taken, in the same transaction. */
  protected afterChange(_tx: Tx, _access: A, _userId: string): Promise<void> {
    return Promise.resolve();
  }

  protected async assertNotLastAdmin(tx: Tx, access: A, member: MemberRow): Promise<void> {
    if (!this.level.keepsAdmin || member.role !== 'admin' || member.status !== 'active') return;
    if (!(await this.store.hasOtherActiveAdmin(tx, this.scope(access), member.userId))) throw memberErrors.last_admin();
  }

  protected async get(tx: Tx, access: A, userId: string): Promise<MemberRow> {
    const member = await this.store.find(tx, this.scope(access), userId);
    if (!member) throw memberErrors.not_found();
    return member;
  }

  protected record(
    tx: Tx,
    access: A,
    what: 'added' | 'role_changed' | 'removed',
    userId: string,
    changes: { before?: object; after?: object },
  ): Promise<void> {
    const type: EventType = `${this.level.event}.${what}`;
    return this.events.record(tx, this.stream(access), {
      type,
      actor: access.actor,
      subject: { type: this.level.event, id: userId },
      ...changes,
    });
  }

  /**
   * Locks the level, and refuses when what the caller holds there has changed since the guard looked: he tries again
   * with what he is now. Throws conflict, and as `lock`.
   */
  private async lockFor(tx: Tx, access: A): Promise<void> {
    await this.lock(tx, access);
    const own = await this.store.find(tx, this.scope(access), access.actor.userId);
    if ((own?.role ?? null) !== access.held[HELD_AT[this.level.event]]) throw commonErrors.conflict();
  }

  /** Operator staff put another admin in place in the same step. */
  private async nameAdmin(tx: Tx, access: A, userId: string): Promise<void> {
    assertMayGrant(this.ownRole(access), 'admin');
    if (!includesRole(access.operatorRole, 'manager')) throw memberErrors.role_above_own();
    const user = await this.candidate(tx, access, { userId });
    const existing = await this.store.find(tx, this.scope(access), user.id);
    if (!existing) {
      await this.store.insert(tx, this.scope(access), user.id, 'admin');
      await this.record(tx, access, 'added', user.id, { after: { role: 'admin' } });
    } else if (existing.role !== 'admin') {
      await this.store.setRole(tx, this.scope(access), user.id, 'admin');
      await this.record(tx, access, 'role_changed', user.id, {
        before: { role: existing.role },
        after: { role: 'admin' },
      });
    }
  }
}
