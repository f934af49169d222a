import { type Access, assertMayGrant, includesRole, memberErrors, type Role } from '../../common/access/index.js';
import type { Database, Reader, Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import type { Page } from '../../common/pagination/index.js';
import type { EventService, EventType, Stream } from '../../events/index.js';
import {
  type AddMember,
  type ChangeMember,
  type MemberQuery,
  type MemberRow,
  type MemberView,
  toMemberView,
} from './member.dto.js';
import type { MemberStore } from './member.store.js';

const exactlyOneOfUserIdOrEmail = () =>
  commonErrors.validation_failed({
    errors: [{ field: 'userId', message: 'name the person by userId or by email, and not by both' }],
  });

/** Which of the caller's roles is the one of the level itself. */
const HELD_AT = { operator_member: 'operator', member: 'organization', unit_member: 'unit' } as const;

type NewMember = AddMember & { roleIds?: string[] };

/** What a member has at one level. */
export interface AssignedRoles {
  role: Role;
  roleIds: string[];
}

export const toEventPayload = ({ role, roleIds }: AssignedRoles): object => ({
  role,
  ...(roleIds.length > 0 && { roleIds }),
});

const same = (one: string[], other: string[]): boolean => [...one].sort().join() === [...other].sort().join();

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
export abstract class MemberService<A extends Access, V extends MemberView = MemberView> {
  protected constructor(
    protected readonly db: Database,
    protected readonly store: MemberStore,
    protected readonly events: EventService,
    private readonly level: MemberLevel,
  ) {}

  protected abstract scope(access: A): string[];
  protected abstract stream(access: A): Stream;
  /** The caller's effective role at this level. */
  protected abstract ownRole(access: A): Role | null;
  /** Locks the level; throws when it takes no changes now, or none from this API key any more. */
  protected abstract lock(tx: Tx, access: A): Promise<void>;
  /** The person to add. Throws users.not_found. */
  protected abstract candidate(tx: Tx, access: A, input: { userId?: string; email?: string }): Promise<{ id: string }>;

  /** Throws invalid_cursor. */
  async list(access: A, query: MemberQuery): Promise<Page<V>> {
    const page = await this.store.page(this.db.reader, access.operator.id, this.scope(access), query);
    return { ...page, items: await this.views(this.db.reader, access, page.items) };
  }

  /** Throws users.not_found, members.already_member, conflict, and as `assertGrant`. */
  async add(access: A, input: NewMember): Promise<V> {
    return this.db.transaction(async (tx) => {
      const { id } = await this.addIn(tx, access, input);
      return this.viewOf(tx, access, await this.get(tx, access, id));
    });
  }

  /** As `add`; returns whom it was. */
  async addIn(tx: Tx, access: A, input: NewMember): Promise<{ id: string }> {
    if (!input.userId === !input.email) throw exactlyOneOfUserIdOrEmail();
    await this.lockFor(tx, access);
    const given = { role: input.role, roleIds: await this.roleIdsOf(tx, access, input.roleIds ?? []) };
    await this.assertGrant(tx, access, given);
    const user = await this.candidate(tx, access, input);
    await this.store.insert(tx, this.scope(access), user.id, given.role);
    if (given.roleIds.length > 0) await this.setRoles(tx, access, user.id, given);
    await this.record(tx, access, 'added', user.id, { after: toEventPayload(given) });
    return user;
  }

  /** Throws members.not_found, members.last_admin, precondition_failed, conflict, and as `assertGrant`. */
  changeRole(
    access: A,
    userId: string,
    input: Partial<ChangeMember> & { roleIds?: string[] },
    ifMatch: string | undefined,
  ): Promise<V> {
    return this.db.transaction(async (tx) => {
      await this.lockFor(tx, access);
      const member = await this.get(tx, access, userId);
      assertMatches(ifMatch, etagOf(member.version));
      const wanted: AssignedRoles = {
        role: input.role ?? member.role,
        roleIds: input.roleIds ? await this.roleIdsOf(tx, access, input.roleIds) : member.roleIds,
      };
      await this.assertGrant(tx, access, wanted, member);
      if (member.role === wanted.role && same(member.roleIds, wanted.roleIds)) return this.viewOf(tx, access, member);
      if (input.newAdminUserId) await this.nameAdmin(tx, access, input.newAdminUserId);
      if (wanted.role !== 'admin') await this.assertNotLastAdmin(tx, access, member);
      await this.setRoles(tx, access, userId, wanted);
      await this.record(tx, access, 'role_changed', userId, {
        before: toEventPayload(member),
        after: { ...toEventPayload(wanted), ...(await this.retainedDetails(tx, access, userId)) },
      });
      await this.afterChange(tx, access, userId);
      return this.viewOf(tx, access, await this.get(tx, access, userId));
    });
  }

  /** Throws members.not_found, members.role_above_own, members.last_admin, conflict. */
  remove(access: A, userId: string, newAdminUserId?: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.lockFor(tx, access);
      const member = await this.get(tx, access, userId);
      if (userId !== access.actor.userId) await this.assertGrant(tx, access, { role: 'user', roleIds: [] }, member);
      if (newAdminUserId) await this.nameAdmin(tx, access, newAdminUserId);
      await this.assertNotLastAdmin(tx, access, member);
      const before = await this.removalDetails(tx, access, member);
      await this.store.remove(tx, this.scope(access), userId);
      const after = await this.retainedDetails(tx, access, userId);
      await this.record(tx, access, 'removed', userId, { before, ...(after && { after }) });
      await this.afterChange(tx, access, userId);
    });
  }

  /** What a removal takes away, for its event. */
  protected removalDetails(_tx: Tx, _access: A, member: MemberRow): Promise<object> {
    return Promise.resolve(toEventPayload(member));
  }

  /** What somebody made that stays as it is when he changes or goes, for the event; null when there is nothing. */
  protected retainedDetails(_tx: Tx, _access: A, _userId: string): Promise<object | null> {
    return Promise.resolve(null);
  }

  /** Who may give or take what. Throws members.role_above_own. */
  protected assertGrant(_tx: Tx, access: A, given: AssignedRoles, member?: MemberRow): Promise<void> {
    assertMayGrant(this.ownRole(access), given.role, ...(member ? [member.role] : []));
    return Promise.resolve();
  }

  /** The ids of roles named by id or key, where there are roles beside the cumulative one. */
  protected roleIdsOf(_tx: Tx, _access: A, refs: string[]): Promise<string[]> {
    return Promise.resolve(refs);
  }

  protected setRoles(tx: Tx, access: A, userId: string, { role }: AssignedRoles): Promise<void> {
    return this.store.setRole(tx, this.scope(access), userId, role);
  }

  protected views(_reader: Reader, _access: A, rows: MemberRow[]): Promise<V[]> {
    return Promise.resolve(rows.map((row) => toMemberView(row) as V));
  }

  protected async viewOf(reader: Reader, access: A, row: MemberRow): Promise<V> {
    const [view] = await this.views(reader, access, [row]);
    return view as V;
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
   * with what he is now. An API key is no member: `lock` looks at what it holds. Throws conflict, and as `lock`.
   */
  private async lockFor(tx: Tx, access: A): Promise<void> {
    await this.lock(tx, access);
    if (access.actor.type === 'api_key') return;
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
