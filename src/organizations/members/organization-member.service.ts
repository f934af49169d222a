import { Injectable } from '@nestjs/common';
import {
  type Actor,
  assertMayGrant,
  highestRole,
  includesRole,
  memberErrors,
  type OrganizationAccess,
  type PersonAccess,
  type Role,
} from '../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import type { Page } from '../../common/pagination/index.js';
import { EventService, type Stream } from '../../events/index.js';
import {
  type AssignedRoles,
  type MemberRow,
  MemberService,
  toEventPayload,
  toMemberView,
  UserService,
} from '../../users/index.js';
import { ApiKeyStore } from '../api-keys/api-key.store.js';
import { DomainService } from '../domains/domain.service.js';
import type { FormerMember } from '../former-members/former-member.entity.js';
import { FormerMemberStore } from '../former-members/former-member.store.js';
import { InvitationRevocationService } from '../invitations/invitation-revocation.service.js';
import { NOTICE_KINDS } from '../notice-kind.js';
import { organizationErrors } from '../organization.errors.js';
import { OrganizationNoticeService } from '../organization-notice.service.js';
import { OrganizationService } from '../organization.service.js';
import { RoleResolver, toRoleRef } from '../roles/role-resolver.js';
import {
  type AddOrganizationMember,
  type ChangeOrganizationMember,
  type MembershipQuery,
  type MembershipView,
  noticesOf,
  type NoticesView,
  type OrganizationMemberDetailView,
  type OrganizationMemberView,
  type PatchNotices,
  toMembershipView,
} from './organization-member.dto.js';
import { SeatService } from '../seat.service.js';
import { OrganizationMemberStore } from './organization-member.store.js';

/** What is kept of a member who leaves or is removed. */
export const NOTHING_KEPT = { role: null, roleIds: [], units: [] };

const noChangeGiven = () =>
  commonErrors.validation_failed({ errors: [{ field: 'role', message: 'give role, roleIds or both' }] });

@Injectable()
export class OrganizationMemberService extends MemberService<OrganizationAccess, OrganizationMemberView> {
  constructor(
    db: Database,
    protected override readonly store: OrganizationMemberStore,
    events: EventService,
    private readonly organizations: OrganizationService,
    private readonly users: UserService,
    private readonly invitations: InvitationRevocationService,
    private readonly roles: RoleResolver,
    private readonly seats: SeatService,
    private readonly notices: OrganizationNoticeService,
    private readonly apiKeys: ApiKeyStore,
    private readonly domains: DomainService,
    private readonly former: FormerMemberStore,
  ) {
    super(db, store, events, { event: 'member', keepsAdmin: true });
  }

  /** Adds the first admin of an organization that is being created. */
  async addFirst(tx: Tx, actor: Actor, organizationId: string, userId: string): Promise<void> {
    await this.store.insert(tx, [organizationId], userId, 'admin');
    const subject = { type: 'member', id: userId };
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      { type: 'member.added', actor, subject, after: { role: 'admin' } },
    );
  }

  /**
   * Adds a user with these roles. A member keeps the higher role and gets the other roles added. Returns the result. Runs
   * under the organization's lock. A member who joins by automation awaits their first entry.
   */
  async join(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    userId: string,
    given: AssignedRoles,
    by: 'consent' | 'automation',
    because: object = {},
  ): Promise<AssignedRoles> {
    const member = await this.store.find(tx, [organizationId], userId);
    const united: AssignedRoles = {
      role: highestRole(member?.role, given.role) ?? given.role,
      roleIds: [...new Set([...(member?.roleIds ?? []), ...given.roleIds])].sort(),
    };
    if (by === 'consent') await this.store.setAwaitsEntry(tx, organizationId, userId, false);
    if (member && member.role === united.role && member.roleIds.length === united.roleIds.length) return united;
    if (!member) await this.store.insert(tx, [organizationId], userId, united.role);
    if (!member && by === 'automation') await this.store.setAwaitsEntry(tx, organizationId, userId, true);
    if (member || united.roleIds.length > 0) await this.store.setRoles(tx, organizationId, userId, united);
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: member ? 'member.role_changed' : 'member.added',
        actor,
        subject: { type: 'member', id: userId },
        before: member && toEventPayload(member),
        after: { ...toEventPayload(united), ...because },
      },
    );
    return united;
  }

  /**
   * Replaces the roles of a member, on behalf of the organization's identity provider. Runs under the organization's lock.
   */
  async replaceRoles(
    tx: Tx,
    access: OrganizationAccess,
    member: MemberRow,
    wanted: AssignedRoles,
    because: object,
  ): Promise<void> {
    const same =
      member.roleIds.length === wanted.roleIds.length && wanted.roleIds.every((id) => member.roleIds.includes(id));
    if (same && member.role === wanted.role) return;
    if (wanted.role !== 'admin') await this.assertNotLastAdmin(tx, access, member);
    await this.store.setRoles(tx, access.organizationId, member.userId, wanted);
    await this.events.record(tx, this.stream(access), {
      type: 'member.role_changed',
      actor: access.actor,
      subject: { type: 'member', id: member.userId },
      before: toEventPayload(member),
      after: { ...toEventPayload(wanted), ...because },
    });
    await this.afterChange(tx, access, member.userId);
  }

  /**
   * Removes a member on behalf of an identity provider, without a mail. `kept` is what they get back once they are active
   * again. Runs under the organization's lock.
   */
  async removeQuietly(
    tx: Tx,
    access: OrganizationAccess,
    member: MemberRow,
    kept: Pick<FormerMember, 'reason' | 'role' | 'roleIds' | 'units'>,
  ): Promise<void> {
    const type = kept.reason === 'deactivated' ? 'member.deactivated' : 'member.removed';
    await this.assertNotLastAdmin(tx, access, member);
    const before = await this.removalDetails(tx, access, member);
    await this.store.remove(tx, this.scope(access), member.userId);
    await this.former.put(tx, { organizationId: access.organizationId, userId: member.userId, ...kept });
    const after = await this.retainedDetails(tx, access, member.userId);
    const subject = { type: 'member', id: member.userId };
    await this.events.record(tx, this.stream(access), { type, actor: access.actor, subject, before, after });
    await this.afterChange(tx, access, member.userId);
  }

  /** Adds a deactivated member again with their previous roles. Runs under the organization's lock. */
  async reinstate(tx: Tx, access: OrganizationAccess, userId: string, held: AssignedRoles): Promise<void> {
    await this.store.insert(tx, this.scope(access), userId, held.role);
    await this.store.setAwaitsEntry(tx, access.organizationId, userId, true);
    if (held.roleIds.length > 0) await this.store.setRoles(tx, access.organizationId, userId, held);
    const subject = { type: 'member', id: userId };
    const { actor } = access;
    const after = toEventPayload(held);
    await this.events.record(tx, this.stream(access), { type: 'member.reactivated', actor, subject, after });
  }

  /** Changes `role`, `roleIds` or both. At least one must be given. */
  override async changeRole(
    access: OrganizationAccess,
    userId: string,
    input: ChangeOrganizationMember,
    ifMatch: string | undefined,
  ): Promise<OrganizationMemberView> {
    if (input.role === undefined && input.roleIds === undefined) throw noChangeGiven();
    return super.changeRole(access, userId, input, ifMatch);
  }

  /** Lists the organizations of the caller. */
  async listOfUser(access: PersonAccess, query: MembershipQuery): Promise<Page<MembershipView>> {
    const page = await this.store.pageOfUser(this.db.reader, access.actor.userId, query, access.onlyOrganizationId);
    return { ...page, items: page.items.map(toMembershipView) };
  }

  /** Returns at most `limit` organizations of a user, by name. */
  async firstOfUser(reader: Reader, userId: string, limit: number): Promise<MembershipView[]> {
    return (await this.store.firstOfUser(reader, userId, limit)).map(toMembershipView);
  }

  /** Returns at most `limit` organizations for a sign-in that names none. See `awaitsEntry` of a member. */
  async signInChoices(
    reader: Reader,
    userId: string,
    limit: number,
  ): Promise<{ organizations: MembershipView[]; awaitEntry: boolean }> {
    const rows = await this.store.signInChoices(reader, userId, limit);
    return { organizations: rows.map(toMembershipView), awaitEntry: rows.some(({ awaitsEntry }) => awaitsEntry) };
  }

  /** Stores what the organization's directory says about a member, for the organization alone. */
  setDirectoryDetails(
    tx: Tx,
    organizationId: string,
    userId: string,
    details: { email: string | null; name: string | null },
  ): Promise<void> {
    return this.store.setDirectoryDetails(tx, organizationId, userId, details);
  }

  /** Records that a member has entered the organization. */
  noteEntry(tx: Tx, organizationId: string, userId: string): Promise<void> {
    return this.store.setAwaitsEntry(tx, organizationId, userId, false);
  }

  /** Switches notices about an organization on or off for the caller. */
  changeNotices(
    { actor: { userId } }: PersonAccess,
    organizationId: string,
    input: PatchNotices,
  ): Promise<NoticesView> {
    return this.db.transaction(async (tx) => {
      for (const kind of NOTICE_KINDS) {
        const enabled = input[kind];
        if (enabled !== undefined) await this.notices.setEnabled(tx, { organizationId, userId, kind }, enabled);
      }
      const row = await this.store.membership(tx, userId, organizationId);
      if (!row) throw organizationErrors.not_found();
      return noticesOf(row);
    });
  }

  /** Removes the caller from the organization. */
  leave(access: PersonAccess, organizationId: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const own = { ...access, organizationId } as OrganizationAccess & PersonAccess;
      const organization = await this.organizations.lock(tx, organizationId);
      const member = await this.store.find(tx, [organizationId], access.actor.userId);
      if (organization.deletedAt || !member) throw organizationErrors.not_found();
      await this.assertNotLastAdmin(tx, own, member);
      const before = await this.removalDetails(tx, own, member);
      await this.store.remove(tx, [organizationId], member.userId);
      await this.former.put(tx, { organizationId, userId: member.userId, reason: 'left', ...NOTHING_KEPT });
      const subject = { type: 'member', id: member.userId };
      await this.events.record(tx, this.stream(own), {
        type: 'member.left',
        actor: access.actor,
        subject,
        before,
        after: await this.retainedDetails(tx, own, member.userId),
      });
      await this.invitations.revokeLost(tx, access.actor, organizationId, member.userId);
    });
  }

  countActive(reader: Reader, organizationId: string): Promise<number> {
    return this.store.countActive(reader, organizationId);
  }

  async isMember(reader: Reader, organizationId: string, userId: string): Promise<boolean> {
    return (await this.find(reader, organizationId, userId)) !== null;
  }

  find(reader: Reader, organizationId: string, userId: string): Promise<MemberRow | null> {
    return this.store.find(reader, [organizationId], userId);
  }

  async view(reader: Reader, access: OrganizationAccess, userId: string): Promise<OrganizationMemberView> {
    const member = await this.find(reader, access.organizationId, userId);
    if (!member) throw memberErrors.not_found();
    return this.viewOf(reader, access, member);
  }

  /** Returns a member with their units and how they joined. */
  async detail(access: OrganizationAccess, userId: string): Promise<OrganizationMemberDetailView> {
    const { organizationId, permissions, actor } = access;
    const { reader } = this.db;
    const view = await this.view(reader, access, userId);
    const sharedWith = permissions.has('units:listAll') ? undefined : actor.userId;
    const details = await this.store.details(reader, organizationId, userId, sharedWith);
    return { ...view, ...details, addedBy: permissions.has('members:edit') ? details.addedBy : null };
  }

  /** Adds a member if a seat is free. */
  override async addIn(tx: Tx, access: OrganizationAccess, input: AddOrganizationMember): Promise<{ id: string }> {
    const user = await super.addIn(tx, access, input);
    await this.seats.assertEnough(tx, access.organizationId);
    return user;
  }

  /** Records the units too, because the database removes the member from them. */
  protected override async removalDetails(tx: Tx, access: OrganizationAccess, member: MemberRow): Promise<object> {
    const unitIds = await this.store.unitIdsOf(tx, access.organizationId, member.userId);
    return { ...toEventPayload(member), ...(unitIds.length > 0 && { unitIds }) };
  }

  /** Records the member's API keys, which stay valid because they belong to the organization. */
  protected override async retainedDetails(tx: Tx, access: OrganizationAccess, userId: string): Promise<object | null> {
    const apiKeyIds = await this.apiKeys.liveIdsBy(tx, access.organizationId, userId);
    return apiKeyIds.length > 0 ? { apiKeyIds } : null;
  }

  /** Revokes invitations that the member may no longer send. */
  protected override afterChange(tx: Tx, access: OrganizationAccess, userId: string): Promise<void> {
    return this.invitations.revokeLost(tx, access.actor, access.organizationId, userId);
  }

  protected override afterAdd(tx: Tx, { organizationId }: OrganizationAccess, userId: string): Promise<void> {
    return this.former.remove(tx, organizationId, userId);
  }

  protected override afterRemove(tx: Tx, { organizationId }: OrganizationAccess, userId: string): Promise<void> {
    return this.former.put(tx, { organizationId, userId, reason: 'removed', ...NOTHING_KEPT });
  }

  /** Checks roles with permissions too. Members cannot raise their own role. */
  protected override async assertGrant(
    tx: Tx,
    access: OrganizationAccess,
    given: AssignedRoles,
    member?: MemberRow,
  ): Promise<void> {
    // `lock` has checked that the caller still holds all of their permissions.
    const { organizationId } = access;
    if (member) await this.roles.assertMayRevoke(tx, organizationId, access, member);
    const raises = !member || !includesRole(member.role, given.role);
    if (raises) await this.roles.assertMayGrant(tx, organizationId, access, given);
    else await this.roles.assertMayRevoke(tx, organizationId, access, given);
    if (member?.userId === access.actor.userId) assertMayGrant(access.role, given.role);
  }

  protected override roleIdsOf(tx: Tx, { organizationId }: OrganizationAccess, refs: string[]): Promise<string[]> {
    return this.roles.idsOf(tx, organizationId, refs);
  }

  protected override setRoles(
    tx: Tx,
    { organizationId }: OrganizationAccess,
    userId: string,
    roles: AssignedRoles,
  ): Promise<void> {
    return this.store.setRoles(tx, organizationId, userId, roles);
  }

  /** Reads the roles of a whole page at once. */
  protected override async views(
    reader: Reader,
    { organizationId }: OrganizationAccess,
    rows: MemberRow[],
  ): Promise<OrganizationMemberView[]> {
    const roles = await this.roles.of(reader, organizationId, [...new Set(rows.flatMap(({ roleIds }) => roleIds))]);
    return rows.map((row) => ({
      ...toMemberView(row),
      directoryEmail: row.directoryEmail ?? null,
      directoryName: row.directoryName ?? null,
      roles: roles.filter(({ id }) => row.roleIds.includes(id)).map(toRoleRef),
    }));
  }

  protected override async record(
    ...[tx, access, what, userId, changes]: Parameters<MemberService<OrganizationAccess>['record']>
  ): Promise<void> {
    await super.record(tx, access, what, userId, changes);
    await this.notices.memberChanged(tx, access, what, userId, changes);
  }

  protected scope(access: OrganizationAccess): string[] {
    return [access.organizationId];
  }

  protected stream(access: OrganizationAccess): Stream {
    return { kind: 'organization', id: access.organizationId };
  }

  protected ownRole(access: OrganizationAccess): Role {
    return access.role;
  }

  /** Refuses callers whose role or permissions changed since the guard checked them. They retry with their current ones. */
  protected async lock(tx: Tx, access: OrganizationAccess): Promise<void> {
    const holder = await this.roles.enter(tx, access, ...access.permissions);
    if (holder.role !== access.role) throw commonErrors.conflict();
  }

  /**
   * Lets operator staff add any user, and others only addresses in the organization's proved domains: to anyone else the
   * organization is a stranger. Whether an address has an account shows to neither of the others.
   */
  protected async candidate(
    tx: Tx,
    access: OrganizationAccess,
    input: { userId?: string; email?: string },
  ): Promise<{ id: string }> {
    const { operator, organizationId } = access;
    if (includesRole(access.operatorRole, 'manager')) return this.users.get(tx, operator.id, input);
    const user = input.userId
      ? await this.users.get(tx, operator.id, input)
      : await this.users.findByEmail(tx, operator.id, input.email ?? '');
    if (user && (await this.isMember(tx, organizationId, user.id))) return user;
    const email = user?.email ?? input.email ?? '';
    if (!(await this.domains.covers(tx, operator.id, organizationId, email))) throw memberErrors.invitation_required();
    return user ?? this.users.get(tx, operator.id, input);
  }
}
