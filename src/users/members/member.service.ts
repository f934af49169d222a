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
    errors: [{ field: 'userId', message: 'give either userId or email, not both' }],
  });

/** Maps the kind of members to the caller's role at that level. */
const HELD_AT = { operator_member: 'operator', member: 'organization', unit_member: 'unit' } as const;

type NewMember = AddMember & { roleIds?: string[] };

/** The roles of a member at one level. */
export interface AssignedRoles {
  role: Role;
  roleIds: string[];
}

export const toEventPayload = ({ role, roleIds }: AssignedRoles): object => ({
  role,
  ...(roleIds.length > 0 && { roleIds }),
});

const same = (one: string[], other: string[]): boolean => [...one].sort().join() === [...other].sort().join();

/** Differences between levels. */
export interface MemberLevel {
  /** Prefix of the event types: `member`, `unit_member`, `operator_member`. */
  event: 'member' | 'unit_member' | 'operator_member';
  /** The level never loses its last admin who can sign in. */
  keepsAdmin: boolean;
}

/**
 * Adds, changes and removes members in the same way at every level. Each change runs under the level's lock and writes
 * an event. Callers cannot grant more than their own role, and the last admin is kept where one is needed.
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
  /** Locks the level. Rejects levels that accept no changes now, and API keys that have lost their permissions. */
  protected abstract lock(tx: Tx, access: A): Promise<void>;
  /** Returns the user to add. */
  protected abstract candidate(tx: Tx, access: A, input: { userId?: string; email?: string }): Promise<{ id: string }>;

  async list(access: A, query: MemberQuery): Promise<Page<V>> {
    const page = await this.store.page(this.db.reader, access.operator.id, this.scope(access), query);
    return { ...page, items: await this.views(this.db.reader, access, page.items) };
  }

  async add(access: A, input: NewMember): Promise<V> {
    return this.db.transaction(async (tx) => {
      const { id } = await this.addIn(tx, access, input);
      return this.viewOf(tx, access, await this.get(tx, access, id));
    });
  }

  /** As `add`. Returns the added user. */
  async addIn(tx: Tx, access: A, input: NewMember): Promise<{ id: string }> {
    if (!input.userId === !input.email) throw exactlyOneOfUserIdOrEmail();
    await this.lockFor(tx, access);
    const given = { role: input.role, roleIds: await this.roleIdsOf(tx, access, input.roleIds ?? []) };
    await this.assertGrant(tx, access, given);
    const user = await this.candidate(tx, access, input);
    await this.store.insert(tx, this.scope(access), user.id, given.role);
    if (given.roleIds.length > 0) await this.setRoles(tx, access, user.id, given);
    await this.afterAdd(tx, access, user.id);
    await this.record(tx, access, 'added', user.id, { after: toEventPayload(given) });
    return user;
  }

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

  remove(access: A, userId: string, newAdminUserId?: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.lockFor(tx, access);
      const member = await this.get(tx, access, userId);
      if (userId !== access.actor.userId) await this.assertGrant(tx, access, { role: 'user', roleIds: [] }, member);
      if (newAdminUserId) await this.nameAdmin(tx, access, newAdminUserId);
      await this.assertNotLastAdmin(tx, access, member);
      const before = await this.removalDetails(tx, access, member);
      await this.store.remove(tx, this.scope(access), userId);
      await this.afterRemove(tx, access, userId);
      const after = await this.retainedDetails(tx, access, userId);
      await this.record(tx, access, 'removed', userId, { before, ...(after && { after }) });
      await this.afterChange(tx, access, userId);
    });
  }

  /** Returns the `before` part of the removal event. */
  protected removalDetails(_tx: Tx, _access: A, member: MemberRow): Promise<object> {
    return Promise.resolve(toEventPayload(member));
  }

  /** Returns resources of the member that stay after a change or removal, for the event. Null if there are none. */
  protected retainedDetails(_tx: Tx, _access: A, _userId: string): Promise<object | null> {
    return Promise.resolve(null);
  }

  /** Rejects roles above the caller's own, both granted and current ones. */
  protected assertGrant(_tx: Tx, access: A, given: AssignedRoles, member?: MemberRow): Promise<void> {
    assertMayGrant(this.ownRole(access), given.role, ...(member ? [member.role] : []));
    return Promise.resolve();
  }

  /** Resolves role keys to ids at levels with functional and custom roles. */
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

  /** Runs follow-up work after a role was changed or removed, in the same transaction. */
  protected afterChange(_tx: Tx, _access: A, _userId: string): Promise<void> {
    return Promise.resolve();
  }

  /** Runs after a user was added explicitly, in the same transaction. */
  protected afterAdd(_tx: Tx, _access: A, _userId: string): Promise<void> {
    return Promise.resolve();
  }

  /** Runs after a member was removed, in the same transaction. */
  protected afterRemove(_tx: Tx, _access: A, _userId: string): Promise<void> {
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
   * Locks the level. Responds with `conflict` if the caller's role changed since the guard checked it, so that the caller
   * retries with the current one. API keys are not members, so `lock` checks them.
   */
  private async lockFor(tx: Tx, access: A): Promise<void> {
    await this.lock(tx, access);
    if (access.actor.type === 'api_key') return;
    const own = await this.store.find(tx, this.scope(access), access.actor.userId);
    if ((own?.role ?? null) !== access.held[HELD_AT[this.level.event]]) throw commonErrors.conflict();
  }

  /** Makes another user admin in the same step, on behalf of operator staff. */
  private async nameAdmin(tx: Tx, access: A, userId: string): Promise<void> {
    assertMayGrant(this.ownRole(access), 'admin');
    if (!includesRole(access.operatorRole, 'manager')) throw memberErrors.role_above_own();
    const user = await this.candidate(tx, access, { userId });
    const existing = await this.store.find(tx, this.scope(access), user.id);
    if (!existing) {
      await this.store.insert(tx, this.scope(access), user.id, 'admin');
      await this.afterAdd(tx, access, user.id);
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
