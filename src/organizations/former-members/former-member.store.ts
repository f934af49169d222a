import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { FormerMember } from './former-member.entity.js';

@Injectable()
export class FormerMemberStore {
  async put(
    tx: Tx,
    { organizationId, userId, reason, role, roleIds, units }: Omit<FormerMember, 'since'>,
  ): Promise<void> {
    await tx.execute(
      `insert into former_members (organization_id, user_id, reason, role, role_ids, units) values ($1, $2, $3, $4, $5, $6)
       on conflict (organization_id, user_id) do update set reason = excluded.reason, role = excluded.role,
         role_ids = excluded.role_ids, units = excluded.units, since = now()`,
      [organizationId, userId, reason, role, roleIds, JSON.stringify(units)],
    );
  }

  find(reader: Reader, organizationId: string, userId: string): Promise<FormerMember | null> {
    return reader.findOneBy(FormerMember, { organizationId, userId });
  }

  async remove(tx: Tx, organizationId: string, userId: string): Promise<void> {
    await tx.delete(FormerMember, { organizationId, userId });
  }
}
