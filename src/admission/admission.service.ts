import { Injectable } from '@nestjs/common';
import {
  type Actor,
  highestRole,
  includesRole,
  type OperatorRef,
  type OrganizationAccess,
  type Role,
} from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import {
  AccessRuleService,
  type AddOrganizationMember,
  DomainService,
  FormerMemberStore,
  NOTHING_KEPT,
  type Newcomer,
  OrganizationMemberService,
  type OrganizationMemberView,
  OrganizationService,
  SeatService,
} from '../organizations/index.js';
import { admitsEmail, AUTH_SETTINGS, SettingService, type SignInMethod } from '../settings/index.js';
import { UnitMemberService } from '../units/index.js';
import { type User, UserService } from '../users/index.js';

/** The roles and units to give to a user who joins. */
export interface Joining {
  role: Role;
  roleIds: string[];
  unitIds: string[];
}

/** Claims by the identity provider of an organization. They count in that organization alone. */
export interface Vouched {
  organizationId: string;
  claims: Record<string, unknown>;
}

/** What single sign-on grants a user in addition to access rules. */
export interface Admission {
  claims: Record<string, unknown>;
  /** Granted to members too. */
  mapped: Joining | null;
  /** The role for a user who is not a member yet. Null rejects the user. */
  newcomerRole: Role | null;
}

interface Entry {
  organization: { id: string; externalId: string | null; slug: string; name: string };
  person: Newcomer;
}

/**
 * Adds users to an organization, whatever way they join. It spans members, units and access rules, because the rules
 * apply to every user who joins.
 */
@Injectable()
export class AdmissionService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly organizations: OrganizationService,
    private readonly members: OrganizationMemberService,
    private readonly units: UnitMemberService,
    private readonly rules: AccessRuleService,
    private readonly seats: SeatService,
    private readonly domains: DomainService,
    private readonly settings: SettingService,
    private readonly former: FormerMemberStore,
  ) {}

  add(access: OrganizationAccess, input: AddOrganizationMember): Promise<OrganizationMemberView> {
    return this.db.transaction(async (tx) => {
      const { id } = await this.members.addIn(tx, access, input);
      const user = await this.users.get(tx, access.operator.id, { userId: id });
      await this.applyIn(tx, access.actor, access.operator, access.organizationId, user);
      return this.members.view(tx, access, id);
    });
  }

  /** Returns the role the user has afterwards. Runs under the organization's lock. */
  async join(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    organizationId: string,
    user: User,
    { role, roleIds, unitIds }: Joining,
    by: 'consent' | 'automation' = 'consent',
  ): Promise<Role> {
    const joined = await this.members.join(tx, actor, organizationId, user.id, { role, roleIds }, by);
    await this.former.remove(tx, organizationId, user.id);
    await this.units.join(tx, actor, organizationId, unitIds, user.id);
    await this.seats.assertEnough(tx, organizationId);
    return (await this.applyIn(tx, actor, operator, organizationId, user)) ?? joined.role;
  }

  /**
   * Adds a user who has just verified their address to the organization that owns the domain. The settings must allow it
   * (`jitProvisioning.email` and the sign-in method), and a seat must be free. Runs only when an address is proved, so an
   * earlier proof cannot re-add a removed member.
   */
  async joinByDomain(tx: Tx, actor: Actor, operator: OperatorRef, user: User, method: SignInMethod): Promise<void> {
    const organizationId = await this.domains.organizationOf(tx, operator.id, user.email);
    if (!organizationId || (await this.members.isMember(tx, organizationId, user.id))) return;
    const { values } = await this.settings.readIn(tx, AUTH_SETTINGS, { operatorId: operator.id, organizationId });
    const enters = values.allowedMethods.includes(method) && admitsEmail(values, user.email);
    if (!values['jitProvisioning.email'] || !enters) return;
    const { deletedAt, suspendedAt } = await this.organizations.lock(tx, organizationId);
    if (deletedAt || suspendedAt || !(await this.seats.hasFree(tx, organizationId))) return;
    if (await this.former.find(tx, organizationId, user.id)) return;
    const given = { role: values['jitProvisioning.defaultRole'], roleIds: [] };
    await this.members.join(tx, actor, organizationId, user.id, given, 'automation', { provisionedBy: 'email' });
    await this.applyIn(tx, actor, operator, organizationId, user);
  }

  /**
   * Applies the access rules for a user who signs in or switches to `organizationId`, there and in any other organization
   * whose rules may match. Only adds roles.
   */
  async applyRules(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    user: User,
    organizationId?: string,
    vouched?: Vouched,
  ): Promise<void> {
    const person = newcomerOf(operator, user);
    const claimsIn = (id: string) => (vouched?.organizationId === id ? vouched.claims : null);
    const found = await this.rules.candidates(tx, person, organizationId);
    // A fixed order, so that concurrent sign-ins cannot deadlock on the locks of organizations.
    for (const organization of found.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const claims = claimsIn(organization.id);
      const here = { ...person, claims: claims ?? {}, vouched: claims !== null };
      if (!(await this.gains(tx, { organization, person: here }))) continue;
      const locked = await this.organizations.lock(tx, organization.id);
      if (locked.deletedAt || locked.suspendedAt) continue;
      await this.applyIn(tx, actor, operator, organization.id, user, claims);
    }
  }

  /**
   * Admits a user who signs in through the organization's identity provider. Returns whether the user is a member
   * afterwards. Runs under the organization's lock.
   */
  async admit(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    organizationId: string,
    user: User,
    { claims, mapped, newcomerRole }: Admission,
  ): Promise<boolean> {
    await this.applyIn(tx, actor, operator, organizationId, user, claims);
    const member = await this.members.find(tx, organizationId, user.id);
    if (!member && (!newcomerRole || (await this.former.find(tx, organizationId, user.id)))) return false;
    const role = highestRole(member ? null : newcomerRole, mapped?.role);
    if (!role) return true;
    await this.members.join(tx, actor, organizationId, user.id, { role, roleIds: mapped?.roleIds ?? [] }, 'automation');
    await this.units.join(tx, actor, organizationId, mapped?.unitIds ?? [], user.id);
    if (!member) await this.seats.assertEnough(tx, organizationId);
    return true;
  }

  /**
   * Removes a member until `reactivate` and keeps their roles. Access rules and identity providers cannot add the user
   * meanwhile. Returns false if the user is not a member. Runs under the organization's lock.
   */
  async deactivate(tx: Tx, access: OrganizationAccess, userId: string): Promise<boolean> {
    const { organizationId } = access;
    const member = await this.members.find(tx, organizationId, userId);
    if (!member) return false;
    const { role, roleIds } = member;
    const units = await this.units.heldBy(tx, organizationId, userId);
    await this.members.removeQuietly(tx, access, member, { reason: 'deactivated', role, roleIds, units });
    return true;
  }

  /** Keeps access rules and single sign-on from adding a user who is not a member, until `reactivate`. */
  blockProvisioning(tx: Tx, organizationId: string, userId: string, role: Role): Promise<void> {
    return this.former.put(tx, { organizationId, userId, reason: 'deactivated', role, roleIds: [], units: [] });
  }

  /**
   * Restores a deactivated member with their previous roles, or with `otherwise` if none were kept. Members stay
   * unchanged. Runs under the organization's lock.
   */
  async reactivate(tx: Tx, access: OrganizationAccess, user: User, otherwise: Role): Promise<void> {
    const { organizationId, actor, operator } = access;
    if (await this.members.isMember(tx, organizationId, user.id)) return;
    const kept = await this.former.find(tx, organizationId, user.id);
    await this.former.remove(tx, organizationId, user.id);
    const held = { role: kept?.role ?? otherwise, roleIds: kept?.roleIds ?? [] };
    await this.members.reinstate(tx, access, user.id, held);
    await this.units.reinstate(tx, actor, organizationId, user.id, kept?.units ?? []);
    await this.seats.assertEnough(tx, organizationId);
    await this.applyIn(tx, actor, operator, organizationId, user);
  }

  /** Removes a member and forgets kept roles. Runs under the organization's lock. */
  async remove(tx: Tx, access: OrganizationAccess, userId: string): Promise<void> {
    const { organizationId } = access;
    const member = await this.members.find(tx, organizationId, userId);
    const kept = { reason: 'removed' as const, ...NOTHING_KEPT };
    if (member) await this.members.removeQuietly(tx, access, member, kept);
    else await this.former.put(tx, { organizationId, userId, ...kept });
  }

  /**
   * Applies the rules. `claims` are those of the organization's own connection, null for any other sign-in. Returns the user's
   * role afterwards, null if no rule matches. Runs under the organization's lock.
   */
  private async applyIn(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    organizationId: string,
    user: User,
    claims: Record<string, unknown> | null = null,
  ): Promise<Role | null> {
    if (!user.emailVerifiedAt) return null;
    const organization = await this.organizations.get(tx, [organizationId]);
    const person = { ...newcomerOf(operator, user), claims: claims ?? {}, vouched: claims !== null };
    const grant = await this.gains(tx, { organization, person });
    if (!grant) return null;
    const { role, roleIds, unitIds, ruleIds, isMember } = grant;
    if (!isMember && (await this.former.find(tx, organizationId, user.id))) return null;
    if (!isMember && !(await this.seats.hasFree(tx, organizationId))) return null;
    const because = { accessRuleIds: ruleIds };
    const joined = await this.members.join(
      tx,
      actor,
      organizationId,
      user.id,
      { role, roleIds },
      'automation',
      because,
    );
    await this.units.join(tx, actor, organizationId, unitIds, user.id);
    return joined.role;
  }

  /** Returns the rules' grant if the user lacks a part of it, otherwise null. */
  private async gains(tx: Tx, { organization, person }: Entry) {
    const grant = await this.rules.grantIn(tx, organization, person);
    if (!grant) return null;
    const member = await this.members.find(tx, organization.id, person.userId);
    const gain = { ...grant, isMember: member !== null };
    const missesRole =
      !member || !includesRole(member.role, grant.role) || grant.roleIds.some((id) => !member.roleIds.includes(id));
    if (missesRole) return gain;
    return (await this.units.missing(tx, organization.id, grant.unitIds, person.userId)).length > 0 ? gain : null;
  }
}

/** Leaves the claims of single sign-on out, because they differ between organizations. */
const newcomerOf = (operator: OperatorRef, { id, email, name }: User): Newcomer => ({
  operatorId: operator.id,
  operatorSlug: operator.slug,
  userId: id,
  email,
  name,
  claims: {},
  vouched: false,
});
