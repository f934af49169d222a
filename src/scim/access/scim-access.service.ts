import { Injectable } from '@nestjs/common';
import { assertMayGrant, type OrganizationAccess } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';
import { RoleResolver } from '../../organizations/index.js';

/** Decides who may change users and groups by SCIM: a SCIM key, or an admin. */
@Injectable()
export class ScimAccessService {
  constructor(private readonly roles: RoleResolver) {}

  /**
   * Locks the organization and checks that the caller may edit. A custom role with `scim:edit` is not enough, because groups
   * can grant more than its holder has.
   */
  async authorizeEdit(tx: Tx, access: OrganizationAccess): Promise<void> {
    const holder = await this.roles.enter(tx, access, 'scim:edit');
    if (holder.role !== null) assertMayGrant(holder.role, 'admin');
  }
}
