import { Injectable } from '@nestjs/common';
import { assertMayGrant, type OrganizationAccess } from '../common/access/index.js';
import type { Tx } from '../common/database/index.js';
import { HeldRoles } from '../organizations/index.js';

/** Who may change people and groups by SCIM: a key made for it, or an admin. */
@Injectable()
export class ScimEntrance {
  constructor(private readonly roles: HeldRoles) {}

  /**
   * Locks the organization. A custom role that lists the permission is not enough: groups give more than its holder has.
   * Throws members.role_above_own, organizations.pending_deletion, conflict.
   */
  async enter(tx: Tx, access: OrganizationAccess): Promise<void> {
    const holder = await this.roles.enter(tx, access, 'scim:edit');
    if (holder.role !== null) assertMayGrant(holder.role, 'admin');
  }
}
