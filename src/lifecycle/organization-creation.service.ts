import { Injectable } from '@nestjs/common';
import { type Access, includesRole } from '../common/access/index.js';
import { Database, type Tx } from '../common/database/index.js';
import { authErrors } from '../auth/index.js';
import { Operators } from '../operators/index.js';
import {
  type CreateOrganization,
  organizationErrors,
  OrganizationMembers,
  Organizations,
  type OrganizationView,
  toOrganizationView,
} from '../organizations/index.js';
import { UnitMembers, Units } from '../units/index.js';
import { Users } from '../users/index.js';

/** A new organization with all it begins with: its default unit, its admin, its first events, in one transaction. */
@Injectable()
export class OrganizationCreation {
  constructor(
    private readonly db: Database,
    private readonly operators: Operators,
    private readonly users: Users,
    private readonly organizations: Organizations,
    private readonly members: OrganizationMembers,
    private readonly units: Units,
    private readonly unitMembers: UnitMembers,
  ) {}

  /**
   * Staff create one for anybody and may name its admin; everybody else creates his own, up to the operator's limit, and
   * is its admin. Throws organizations.slug_taken, organizations.external_id_taken, organizations.limit_reached,
   * auth.forbidden.
   */
  create(access: Access, input: CreateOrganization): Promise<OrganizationView> {
    const staff = includesRole(access.operatorRole, 'manager');
    if (input.adminEmail && !staff)
      throw authErrors.forbidden({ detail: 'Only operator staff name somebody else as admin.' });
    return this.db.transaction(async (tx) => {
      if (!staff) await this.assertWithinLimit(tx, access);
      const { id } = await this.organizations.create(tx, access.actor, { ...input, operatorId: access.operator.id });
      const { defaultUnitName } = await this.operators.get(tx, access.operator.id);
      const unit = await this.units.createIn(tx, access.actor, id, { name: defaultUnitName });
      const adminId = staff ? await this.namedAdmin(tx, access, input.adminEmail) : access.actor.userId;
      if (adminId) {
        await this.members.addFirst(tx, access.actor, id, adminId);
        await this.unitMembers.addFirst(tx, access.actor, id, unit.id, adminId);
      }
      return toOrganizationView(await this.organizations.get(tx, [id]));
    });
  }

  /** Under the person's own row, so that two at once are counted one after the other. */
  private async assertWithinLimit(tx: Tx, access: Access): Promise<void> {
    const {
      selfServiceOrganizationLimit: limit,
      supportEmail,
      supportUrl,
    } = await this.operators.get(tx, access.operator.id);
    await this.users.lock(tx, access.actor.userId);
    const created = await this.organizations.countCreatedBy(tx, access.operator.id, access.actor.userId);
    if (created >= limit)
      throw organizationErrors.limit_reached({ data: { limit, support: { email: supportEmail, url: supportUrl } } });
  }

  private async namedAdmin(tx: Tx, access: Access, email: string | undefined): Promise<string | null> {
    if (!email) return null;
    return (await this.users.findOrInvite(tx, access.actor, access.operator.id, email)).id;
  }
}
