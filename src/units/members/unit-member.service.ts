import { Injectable } from '@nestjs/common';
import { type Actor, callerIdOf, type Role, type UnitAccess } from '../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../common/database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { Events, type Stream } from '../../events/index.js';
import { HeldRoles, OrganizationMembers, Organizations } from '../../organizations/index.js';
import { MemberService, userErrors, Users } from '../../users/index.js';
import { unitErrors } from '../unit.errors.js';
import { UnitStore } from '../unit.store.js';
import { UnitMemberStore } from './unit-member.store.js';

/** Members of a unit are members of its organization; a unit may be without an admin, its organization has one. */
@Injectable()
export class UnitMembers extends MemberService<UnitAccess> {
  constructor(
    db: Database,
    protected override readonly store: UnitMemberStore,
    events: Events,
    private readonly units: UnitStore,
    private readonly organizations: Organizations,
    private readonly organizationMembers: OrganizationMembers,
    private readonly users: Users,
    private readonly roles: HeldRoles,
  ) {
    super(db, store, events, { event: 'unit_member', keepsAdmin: false });
  }

  /** The creator of a unit as its admin. */
  async addFirst(tx: Tx, actor: Actor, organizationId: string, unitId: string, userId: string): Promise<void> {
    await this.store.insert(tx, [organizationId, unitId], userId, 'admin');
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: 'unit_member.added',
        actor,
        subject: { type: 'unit', id: unitId },
        after: { userId, role: 'admin' },
      },
    );
  }

  /** A member of the organization comes into units as `user`, where he is not yet. Under the organization's lock. */
  async join(tx: Tx, actor: Actor, organizationId: string, unitIds: string[], userId: string): Promise<void> {
    for (const unitId of await this.store.join(tx, organizationId, unitIds, userId)) {
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'unit_member.added',
          actor,
          subject: { type: 'unit', id: unitId },
          after: { userId, role: 'user' },
        },
      );
    }
  }

  /** Those of `unitIds` that are still there and that he is not in. */
  missing(reader: Reader, organizationId: string, unitIds: string[], userId: string): Promise<string[]> {
    return unitIds.length > 0 ? this.store.missing(reader, organizationId, unitIds, userId) : Promise.resolve([]);
  }

  /** The live units of one organization somebody belongs to, at most `limit`. */
  unitIdsOf(reader: Reader, organizationId: string, userId: string, limit: number): Promise<string[]> {
    return this.store.unitIdsOf(reader, organizationId, userId, limit);
  }

  protected scope(access: UnitAccess): string[] {
    return [access.organizationId, access.unitId];
  }

  protected stream(access: UnitAccess): Stream {
    return { kind: 'organization', id: access.organizationId };
  }

  protected ownRole(access: UnitAccess): Role {
    return access.unitRole;
  }

  /** The subject of these events is the unit; who it was stands in the change. */
  protected override record(
    tx: Tx,
    access: UnitAccess,
    what: 'added' | 'role_changed' | 'removed',
    userId: string,
    { before, after }: { before?: object; after?: object },
  ): Promise<void> {
    const withUser = (change: object | undefined) => (change ? { userId, ...change } : null);
    return this.events.record(tx, this.stream(access), {
      type: `unit_member.${what}`,
      actor: access.actor,
      subject: { type: 'unit', id: access.unitId },
      before: withUser(before),
      after: withUser(after),
    });
  }

  protected async lock(tx: Tx, { organizationId, unitId, actor }: UnitAccess): Promise<void> {
    await this.organizations.lockActive(tx, organizationId);
    const { role } = await this.roles.holder(tx, organizationId, callerIdOf(actor));
    if (actor.type === 'api_key' && !role) throw commonErrors.conflict();
    const unit = await this.units.lock(tx, [organizationId, unitId]);
    if (!unit) throw unitErrors.not_found();
    if (unit.deletedAt) throw unitErrors.pending_deletion();
  }

  /** Somebody outside the organization is nobody here. */
  protected async candidate(
    tx: Tx,
    access: UnitAccess,
    input: { userId?: string; email?: string },
  ): Promise<{ id: string }> {
    const user = await this.users.get(tx, access.operator.id, input);
    if (!(await this.organizationMembers.isMember(tx, access.organizationId, user.id))) throw userErrors.not_found();
    return user;
  }
}
