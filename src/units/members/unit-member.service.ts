import { Injectable } from '@nestjs/common';
import { type Actor, callerIdOf, type Role, type UnitAccess } from '../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { EventService, type Stream } from '../../events/index.js';
import {
  RoleResolver,
  OrganizationMemberService,
  OrganizationService,
  type UnitHeld,
} from '../../organizations/index.js';
import { MemberService, userErrors, UserService } from '../../users/index.js';
import { unitErrors } from '../unit.errors.js';
import { UnitStore } from '../unit.store.js';
import { UnitMemberStore } from './unit-member.store.js';

/** Manages members of units, who are members of the organization too. Unlike an organization, a unit may have no admin. */
@Injectable()
export class UnitMemberService extends MemberService<UnitAccess> {
  constructor(
    db: Database,
    protected override readonly store: UnitMemberStore,
    events: EventService,
    private readonly units: UnitStore,
    private readonly organizations: OrganizationService,
    private readonly organizationMembers: OrganizationMemberService,
    private readonly users: UserService,
    private readonly roles: RoleResolver,
  ) {
    super(db, store, events, { event: 'unit_member', keepsAdmin: false });
  }

  /** Adds the creator of a unit as its admin. */
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

  /** Adds a member of the organization to units as `user`. Runs under the organization's lock. */
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

  /** Removes a member from units where they are only `user`. Returns these units. Runs under the organization's lock. */
  async leave(tx: Tx, actor: Actor, organizationId: string, unitIds: string[], userId: string): Promise<string[]> {
    if (unitIds.length === 0) return [];
    const left = await this.store.leave(tx, organizationId, unitIds, userId);
    for (const unitId of left)
      await this.recordOf(tx, actor, organizationId, unitId, 'unit_member.removed', {
        before: { userId, role: 'user' },
      });
    return left;
  }

  /** Returns the roles of a user in the units of an organization. */
  heldBy(reader: Reader, organizationId: string, userId: string): Promise<UnitHeld[]> {
    return this.store.heldBy(reader, organizationId, userId);
  }

  /** Restores the unit memberships of a reactivated member, as far as the units still exist. */
  async reinstate(tx: Tx, actor: Actor, organizationId: string, userId: string, held: UnitHeld[]): Promise<void> {
    if (held.length === 0) return;
    for (const { unitId, role } of await this.store.reinstate(tx, organizationId, userId, held))
      await this.recordOf(tx, actor, organizationId, unitId, 'unit_member.added', { after: { userId, role } });
  }

  /** Returns those of `unitIds` that exist and that the user is not in. */
  missing(reader: Reader, organizationId: string, unitIds: string[], userId: string): Promise<string[]> {
    return unitIds.length > 0 ? this.store.missing(reader, organizationId, unitIds, userId) : Promise.resolve([]);
  }

  /** Returns at most `limit` live units of an organization that the user belongs to. */
  unitIdsOf(reader: Reader, organizationId: string, userId: string, limit: number): Promise<string[]> {
    return this.store.unitIdsOf(reader, organizationId, userId, limit);
  }

  private recordOf(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    unitId: string,
    type: 'unit_member.added' | 'unit_member.removed',
    changes: { before?: object; after?: object },
  ): Promise<void> {
    const subject = { type: 'unit', id: unitId };
    return this.events.record(tx, { kind: 'organization', id: organizationId }, { type, actor, subject, ...changes });
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

  /** Records the event with the unit as its subject. The change names the user. */
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

  /** Users outside the organization respond with members.not_found. */
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
