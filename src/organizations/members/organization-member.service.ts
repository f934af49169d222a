import { Injectable } from '@nestjs/common';
import {
  type Access,
  type Actor,
  includesRole,
  type OrganizationAccess,
  type Role,
} from '../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../common/database/index.js';
import type { Page } from '../../common/pagination/index.js';
import { Events, type Stream } from '../../events/index.js';
import { type MemberRow, MemberService, Users } from '../../users/index.js';
import { InvitationRevocation } from '../invitations/invitation-revocation.js';
import { organizationErrors } from '../organization.errors.js';
import { Organizations } from '../organization.service.js';
import { type MembershipQuery, type MembershipView, toMembershipView } from './organization-member.dto.js';
import { OrganizationMemberStore } from './organization-member.store.js';

@Injectable()
export class OrganizationMembers extends MemberService<OrganizationAccess> {
  constructor(
    db: Database,
    protected override readonly store: OrganizationMemberStore,
    events: Events,
    private readonly organizations: Organizations,
    private readonly users: Users,
    private readonly invitations: InvitationRevocation,
  ) {
    super(db, store, events, { event: 'member', keepsAdmin: true });
  }

  /** The first admin of an organization that is being created. */
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
   * Somebody comes in with `role`; a member keeps the higher of two. Returns the role he then has. Under the
   * organization's lock.
   */
  async join(tx: Tx, actor: Actor, organizationId: string, userId: string, role: Role): Promise<Role> {
    const member = await this.store.find(tx, [organizationId], userId);
    if (member && includesRole(member.role, role)) return member.role;
    if (member) await this.store.setRole(tx, [organizationId], userId, role);
    else await this.store.insert(tx, [organizationId], userId, role);
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: member ? 'member.role_changed' : 'member.added',
        actor,
        subject: { type: 'member', id: userId },
        before: member && { role: member.role },
        after: { role },
      },
    );
    return role;
  }

  /** The organizations somebody belongs to. Throws invalid_cursor. */
  async listOfUser(access: Access, query: MembershipQuery): Promise<Page<MembershipView>> {
    const page = await this.store.pageOfUser(this.db.reader, access.actor.userId, query);
    return { ...page, items: page.items.map(toMembershipView) };
  }

  /** At most `limit` of somebody's organizations, by name. */
  async firstOfUser(reader: Reader, userId: string, limit: number): Promise<MembershipView[]> {
    return (await this.store.firstOfUser(reader, userId, limit)).map(toMembershipView);
  }

  /** Somebody takes himself out. Throws organizations.not_found, members.last_admin. */
  leave(access: Access, organizationId: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const own = { ...access, organizationId } as OrganizationAccess;
      const organization = await this.organizations.lock(tx, organizationId);
      const member = await this.store.find(tx, [organizationId], access.actor.userId);
      if (organization.deletedAt || !member) throw organizationErrors.not_found();
      await this.assertNotLastAdmin(tx, own, member);
      const before = await this.lostBy(tx, own, member);
      await this.store.remove(tx, [organizationId], member.userId);
      const subject = { type: 'member', id: member.userId };
      await this.events.record(tx, this.stream(own), {
        type: 'member.left',
        actor: access.actor,
        subject,
        before,
      });
      await this.invitations.revokeLost(tx, access.actor, organizationId, member.userId);
    });
  }

  countActive(reader: Reader, organizationId: string): Promise<number> {
    return this.store.countActive(reader, organizationId);
  }

  async isMember(reader: Reader, organizationId: string, userId: string): Promise<boolean> {
    return (await this.store.find(reader, [organizationId], userId)) !== null;
  }

  /** His units go with him: the database sees to it, so the event has to say it. */
  protected override async lostBy(tx: Tx, access: OrganizationAccess, member: MemberRow): Promise<object> {
    const unitIds = await this.store.unitIdsOf(tx, access.organizationId, member.userId);
    return { role: member.role, ...(unitIds.length > 0 && { unitIds }) };
  }

  /** The change may have cost him the right to invite. */
  protected override afterChange(tx: Tx, access: OrganizationAccess, userId: string): Promise<void> {
    return this.invitations.revokeLost(tx, access.actor, access.organizationId, userId);
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

  protected async lock(tx: Tx, access: OrganizationAccess): Promise<void> {
    await this.organizations.lockActive(tx, access.organizationId);
  }

  protected candidate(
    tx: Tx,
    access: OrganizationAccess,
    input: { userId?: string; email?: string },
  ): Promise<{ id: string }> {
    return this.users.get(tx, access.operator.id, input);
  }
}
