import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';
import { DeactivatedMember } from './deactivated-member.entity.js';

@Injectable()
export class DeactivatedMemberStore {
  async put(
    tx: Tx,
    { organizationId, userId, role, roleIds, units }: Omit<DeactivatedMember, 'deactivatedAt'>,
  ): Promise<void> {
    await tx.execute(
      `insert into deactivated_members (organization_id, user_id, role, role_ids, units) values ($1, $2, $3, $4, $5)
       on conflict (organization_id, user_id) do update set role = excluded.role, role_ids = excluded.role_ids,
         units = excluded.units, deactivated_at = now()`,
      [organizationId, userId, role, roleIds, JSON.stringify(units)],
    );
  }

  find(reader: Reader, organizationId: string, userId: string): Promise<DeactivatedMember | null> {
    return reader.findOneBy(DeactivatedMember, { organizationId, userId });
  }

  async remove(tx: Tx, organizationId: string, userId: string): Promise<void> {
    await tx.delete(DeactivatedMember, { organizationId, userId });
  }
}
