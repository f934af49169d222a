import { Injectable } from '@nestjs/common';
import type { Role } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';

/** What groups granted a user. It is recorded so that leaving a group revokes only that. */
export interface GroupGrant {
  /** The role the user had before groups raised it. */
  base: Role;
  role: Role | null;
  roleIds: string[];
  unitIds: string[];
}

export interface GroupGrantRow {
  userId: string;
  granted: GroupGrant | null;
  /** In lower case. */
  groupNames: string[];
}

/** Reads memberships of groups, and owns the column `granted` of scim_users. */
@Injectable()
export class GroupGrantStore {
  /** Returns the groups of each user and what groups granted them so far. */
  list(tx: Tx, organizationId: string, userIds: string[]): Promise<GroupGrantRow[]> {
    return tx.rows<GroupGrantRow>(
      `select s.user_id as "userId", s.granted, array(select g.display_name_key from scim_group_members gm
           join scim_groups g on g.organization_id = $1 and g.id = gm.group_id
           where gm.organization_id = $1 and gm.user_id = s.user_id order by 1) as "groupNames"
       from scim_users s where s.organization_id = $1 and s.user_id = any ($2::uuid[]) order by s.user_id`,
      [organizationId, userIds],
    );
  }

  async memberIdsOfGroupsNamed(tx: Tx, organizationId: string, displayNames: string[]): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      `select distinct gm.user_id as id from scim_groups g
       join scim_group_members gm on gm.organization_id = g.organization_id and gm.group_id = g.id
       where g.organization_id = $1 and g.display_name_key = any ($2::text[]) order by 1`,
      [organizationId, displayNames.map((name) => name.toLowerCase())],
    );
    return rows.map(({ id }) => id);
  }

  async put(tx: Tx, organizationId: string, userId: string, granted: GroupGrant): Promise<void> {
    await tx.execute('update scim_users set granted = $3 where organization_id = $1 and user_id = $2', [
      organizationId,
      userId,
      JSON.stringify(granted),
    ]);
  }
}
