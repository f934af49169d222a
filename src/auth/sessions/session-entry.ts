import { Injectable } from '@nestjs/common';
import { effectiveRoles, includesRole, type Permission, permissionsOf, type Role } from '../../common/access/index.js';
import type { Reader } from '../../common/database/index.js';
import { type HeldRole, MembershipView, organizationErrors, OrganizationMembers } from '../../organizations/index.js';
import { UnitMembers } from '../../units/index.js';
import { AccessStore, type FoundOrganization } from '../guard/access.store.js';
import type { AccessTokenClaims } from '../tokens/access-token.js';

/** How many organizations a token or a choice lists. */
const LISTED_ORGANIZATIONS = 50;
/** How many unit ids fit into a token beside these: servers take headers of 16 KiB in all. */
const LISTED_UNITS = 50;

export interface EnteredOrganization {
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  role: Role;
  /** Keys of the functional and custom roles. */
  roles: string[];
  permissions: readonly Permission[];
}

/** Where a token lets its bearer in, beside his own account. */
export interface Entered {
  operatorRole: Role | null;
  organization: EnteredOrganization | null;
}

/** Where a sign-in leads that names no organization: into the only one, into none, or to a choice. */
export type Entry = ({ kind: 'entered' } & Entered) | { kind: 'choice'; organizations: MembershipView[] };

interface Person {
  userId: string;
  operatorId: string;
}

const enteredOf = (
  { id, slug, name, externalId }: FoundOrganization,
  role: Role,
  others: HeldRole[],
): EnteredOrganization => ({
  id,
  slug,
  name,
  externalId,
  role,
  roles: others.map(({ key }) => key),
  permissions: [
    ...new Set([...permissionsOf('organization', role), ...others.flatMap(({ permissions }) => permissions)]),
  ].sort(),
});

/** Which organization a token is for, and what it then says. */
@Injectable()
export class SessionEntry {
  constructor(
    private readonly access: AccessStore,
    private readonly members: OrganizationMembers,
    private readonly unitMembers: UnitMembers,
  ) {}

  /** The only organization; none for staff, who sign in to the operator; several are a choice. */
  async choose(reader: Reader, person: Person): Promise<Entry> {
    const { operatorRole } = await this.rolesAt(reader, person, null);
    if (includesRole(operatorRole, 'manager')) return { kind: 'entered', operatorRole, organization: null };
    const memberships = await this.members.firstOfUser(reader, person.userId, LISTED_ORGANIZATIONS + 1);
    const open = memberships.filter(({ status, role }) => status === 'active' || role === 'admin');
    const [only] = open;
    if (!only) return { kind: 'entered', operatorRole, organization: null };
    if (memberships.length === 1) return { kind: 'entered', ...(await this.stay(reader, person, only.id)) };
    return { kind: 'choice', organizations: memberships.slice(0, LISTED_ORGANIZATIONS) };
  }

  /** Into the one that is named. Throws organizations.not_found, organizations.suspended. */
  async enter(reader: Reader, person: Person, organizationId: string): Promise<Entered> {
    const { operatorRole, organization, suspended } = await this.rolesAt(reader, person, organizationId);
    if (!organization) throw organizationErrors.not_found();
    if (suspended) throw organizationErrors.suspended();
    return { operatorRole, organization };
  }

  /** Into the organization a token was for, or into none when there is none or its bearer is out of it by now. */
  async stay(reader: Reader, person: Person, organizationId: string | null): Promise<Entered> {
    const { operatorRole, organization, suspended } = await this.rolesAt(reader, person, organizationId);
    return { operatorRole, organization: suspended ? null : organization };
  }

  /** Claims about the operator and, if one was entered, the organization. */
  async claims(
    reader: Reader,
    person: Person,
    entry: Entered,
    withOrganizations: boolean,
  ): Promise<Partial<AccessTokenClaims>> {
    const { operatorRole, organization } = entry;
    return {
      ...(operatorRole && { op_role: operatorRole }),
      ...(organization && (await this.organizationClaims(reader, person, organization))),
      ...(withOrganizations && (await this.membershipClaims(reader, person))),
    };
  }

  private async rolesAt(reader: Reader, { userId, operatorId }: Person, organizationId: string | null) {
    const facts = await this.access.ofUser(reader, userId, operatorId, organizationId);
    const held = {
      platformAdmin: facts?.platformAdmin ?? false,
      operator: facts?.operatorRole ?? null,
      organization: facts?.organizationRole ?? null,
      unit: null,
    };
    const roles = effectiveRoles(held);
    const found = facts?.organization;
    const role = roles.organization;
    const visible = found && role && !found.deletedAt;
    const staff = includesRole(roles.operator, 'manager');
    return {
      operatorRole: roles.operator,
      organization: visible ? enteredOf(found, role, facts.otherRoles) : null,
      suspended: Boolean(visible && found.suspendedAt && role !== 'admin' && !staff),
    };
  }

  private async organizationClaims(reader: Reader, { userId }: Person, organization: EnteredOrganization) {
    return {
      org_id: organization.id,
      org_slug: organization.slug,
      org_external_id: organization.externalId,
      org_role: organization.role,
      org_roles: organization.roles,
      org_permissions: organization.permissions as string[],
      unit_ids: await this.unitMembers.unitIdsOf(reader, organization.id, userId, LISTED_UNITS),
    };
  }

  private async membershipClaims(reader: Reader, { userId }: Person) {
    const memberships = await this.members.firstOfUser(reader, userId, LISTED_ORGANIZATIONS + 1);
    return {
      organizations: memberships
        .slice(0, LISTED_ORGANIZATIONS)
        .map(({ id, slug, role, roles }) => ({ id, slug, role, roles })),
      organizations_truncated: memberships.length > LISTED_ORGANIZATIONS,
    };
  }
}
