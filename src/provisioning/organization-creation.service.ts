import { Injectable } from '@nestjs/common';
import { type Access, includesRole, type Permission, type PersonAccess } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { authErrors } from '../auth/access/index.js';
import { SubscriptionService } from '../billing/subscriptions/index.js';
import { MailOutbox } from '../mail/index.js';
import { OperatorService } from '../operators/index.js';
import {
  type CreateOrganization,
  InvitationService,
  organizationErrors,
  OrganizationMemberService,
  OrganizationNoticeService,
  OrganizationService,
  type OrganizationView,
  toOrganizationView,
} from '../organizations/index.js';
import { UnitMemberService, UnitService } from '../units/index.js';
import { UserService } from '../users/index.js';

/** Creates an organization with its default unit, admin, plan and first events in one transaction. */
@Injectable()
export class OrganizationCreationService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly organizations: OrganizationService,
    private readonly members: OrganizationMemberService,
    private readonly units: UnitService,
    private readonly unitMembers: UnitMemberService,
    private readonly invitations: InvitationService,
    private readonly notices: OrganizationNoticeService,
    private readonly subscriptions: SubscriptionService,
    private readonly mails: MailOutbox,
  ) {}

  /**
   * Creates an organization. Staff can name any address as its admin. Other users become the admin themselves, up to the
   * operator's limit.
   */
  async create(access: Access, input: CreateOrganization): Promise<OrganizationView> {
    const staff = includesRole(access.operatorRole, 'manager');
    if (input.adminEmail) assertMayNameAdmin(access);
    const organization = await this.db.transaction(async (tx) => {
      if (input.externalId && !(await this.organizations.maySetExternalId(tx, access)))
        throw organizationErrors.external_id_staff_only();
      const creator = isPerson(access) && !staff ? access : null;
      if (creator) await this.assertWithinLimit(tx, creator);
      const { id } = await this.organizations.create(tx, access.actor, { ...input, operatorId: access.operator.id });
      const { defaultUnitName } = await this.operators.get(tx, access.operator.id);
      const unit = await this.units.createIn(tx, access.actor, id, { name: defaultUnitName });
      if (creator) await this.addAdmin(tx, creator, id, unit.id, creator.actor.userId);
      else if (input.adminEmail) await this.nameAdmin(tx, access, id, unit.id, input.adminEmail);
      await this.subscriptions.startDefault(tx, access.actor, access.operator.id, id);
      return toOrganizationView(await this.organizations.get(tx, [id]));
    });
    this.mails.wake();
    return organization;
  }

  /** Checks the limit under the lock of the user, so that concurrent requests cannot exceed it. */
  private async assertWithinLimit(tx: Tx, access: PersonAccess): Promise<void> {
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

  /** Makes an existing user the admin and invites any other address. Staff govern the organization until the invitation is accepted. */
  private async nameAdmin(tx: Tx, access: Access, id: string, unitId: string, email: string): Promise<void> {
    const account = await this.users.findByEmail(tx, access.operator.id, email);
    if (!account?.emailVerifiedAt) return this.invitations.inviteFirstAdmin(tx, access, id, email, [unitId]);
    await this.addAdmin(tx, access, id, unitId, account.id);
    await this.notices.created(tx, access, id, account.id);
  }

  private async addAdmin(tx: Tx, access: Access, id: string, unitId: string, userId: string): Promise<void> {
    await this.members.addFirst(tx, access.actor, id, userId);
    await this.unitMembers.addFirst(tx, access.actor, id, unitId, userId);
  }
}

const isPerson = (access: Access): access is PersonAccess => access.actor.type === 'user';

/** An API key needs the permission to invite too, because an address without an account gets an invitation. */
function assertMayNameAdmin({ actor, operatorPermissions }: Access): void {
  const needed: Permission[] = ['organizations:createForOthers'];
  if (actor.type === 'api_key') needed.push('invitations:create');
  const missing = needed.find((permission) => !operatorPermissions.has(permission));
  if (missing)
    throw authErrors.forbidden({
      detail: 'Only operator staff can name another user as admin.',
      data: { permission: missing },
    });
}
