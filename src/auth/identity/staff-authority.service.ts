import { Injectable } from '@nestjs/common';
import { assertMayGrant, effectiveRoles, memberErrors, type PersonAccess } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';
import type { User } from '../../users/index.js';
import { AccessStore } from '../access/index.js';

/** Decides which accounts a member of the staff may act on. */
@Injectable()
export class StaffAuthorityService {
  constructor(private readonly access: AccessStore) {}

  /** Rejects accounts that have a higher role than the caller. */
  async assertMayActOn(tx: Tx, access: PersonAccess, user: User): Promise<void> {
    const facts = await this.access.ofUser(tx, user.id, user.operatorId, null);
    const platformAdmin = facts?.platformAdmin ?? false;
    if (platformAdmin && !access.platformAdmin) throw memberErrors.role_above_own();
    const held = { platformAdmin, operator: facts?.operatorRole ?? null, organization: null, unit: null };
    const { operator } = effectiveRoles(held);
    if (operator) assertMayGrant(access.operatorRole, operator);
  }
}
