import { Injectable } from '@nestjs/common';
import type { Role } from '../common/access/index.js';
import type { Reader } from '../database/index.js';

export interface OwnMembership {
  roleIds: string[];
  units: { id: string; role: Role }[];
}

@Injectable()
export class OrganizationAccessStore {
  /**
   * Returns the other roles of a user and their units. Deleted units are left out, except for those that the user can
   * restore as their admin.
   */
  async ofUser(reader: Reader, organizationId: string, userId: string): Promise<OwnMembership> {
    const row = await reader.maybe<OwnMembership>(
      `select m.role_ids as "roleIds", coalesce((
         select json_agg(json_build_object('id', um.unit_id, 'role', um.role) order by um.unit_id)
         from unit_members um join units n on n.organization_id = um.organization_id and n.id = um.unit_id
         where um.organization_id = $1 and um.user_id = $2 and (n.deleted_at is null or um.role = 'admin')), '[]') as units
       from organization_members m where m.organization_id = $1 and m.user_id = $2`,
      [organizationId, userId],
    );
    return row ?? { roleIds: [], units: [] };
  }
}
