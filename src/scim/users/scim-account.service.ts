import { Injectable } from '@nestjs/common';
import { authErrors } from '../../auth/access/index.js';
import { EmailChangeService } from '../../auth/identity/index.js';
import type { OrganizationAccess, Role } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';
import { DomainService } from '../../organizations/index.js';
import { admitsEmail, AUTH_SETTINGS, SettingService } from '../../settings/index.js';
import { StaffService, type User, UserService } from '../../users/index.js';
import { scimErrors } from '../protocol/scim.errors.js';

/** Finds, creates and changes accounts for an identity provider, within the verified domains of its organization (decision 0023). */
@Injectable()
export class ScimAccountService {
  constructor(
    private readonly users: UserService,
    private readonly staff: StaffService,
    private readonly domains: DomainService,
    private readonly settings: SettingService,
    private readonly emailChanges: EmailChangeService,
  ) {}

  get(tx: Tx, { operator }: OrganizationAccess, userId: string): Promise<User> {
    return this.users.get(tx, operator.id, { userId });
  }

  find(tx: Tx, { operator }: OrganizationAccess, email: string): Promise<User | null> {
    return this.users.findByEmail(tx, operator.id, email);
  }

  /**
   * Returns the account of an address. In a verified domain the account is created or linked and its address counts as
   * verified, because the owner of the domain could read its mail. Everywhere else a directory cannot add users, and whether an
   * address has an account does not show.
   */
  async obtain(tx: Tx, access: OrganizationAccess, email: string, name: string | null): Promise<User> {
    if (!(await this.covers(tx, access, email))) throw scimErrors.domain_not_verified();
    const { operator, actor } = access;
    const existing = await this.users.findByEmail(tx, operator.id, email);
    if (existing?.emailVerifiedAt) return existing;
    const person = { operatorId: operator.id, email, name: name ?? existing?.name ?? email };
    const proved = await this.users.proved(tx, actor, person);
    return proved ?? this.users.get(tx, operator.id, { email });
  }

  /** Returns the role for new members. Refuses addresses that the sign-in rules of the organization would refuse. */
  async newcomerRole(tx: Tx, { operator, organizationId }: OrganizationAccess, email: string): Promise<Role> {
    const { values } = await this.settings.readIn(tx, AUTH_SETTINGS, { operatorId: operator.id, organizationId });
    if (!admitsEmail(values, email)) throw authErrors.email_domain_not_allowed({ data: { organizationId } });
    return values['jitProvisioning.defaultRole'];
  }

  /** Tells whether the user has emergency access in case the identity provider fails. */
  async isBreakGlass(tx: Tx, { operator, organizationId }: OrganizationAccess, userId: string): Promise<boolean> {
    const { values } = await this.settings.readIn(tx, AUTH_SETTINGS, { operatorId: operator.id, organizationId });
    return values.breakGlassUserIds.includes(userId);
  }

  /** Tells whether the user works for the operator, so that their sessions and account are not the organization's. */
  isStaff(tx: Tx, { operator }: OrganizationAccess, user: User): Promise<boolean> {
    return this.staff.isStaff(tx, operator.id, user);
  }

  /**
   * Asks the user by mail whether their account is to get the address that the directory has for them. A key never changes an
   * address by which someone signs in, here and in other organizations.
   */
  proposeEmail(tx: Tx, { operator, organizationId }: OrganizationAccess, user: User, email: string): Promise<void> {
    return this.emailChanges.propose(tx, operator, organizationId, user, email);
  }

  private covers(tx: Tx, { operator, organizationId }: OrganizationAccess, email: string): Promise<boolean> {
    return this.domains.covers(tx, operator.id, organizationId, email);
  }
}
