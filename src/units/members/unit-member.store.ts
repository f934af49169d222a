import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { Pager } from '../../common/pagination/index.js';
import type { UnitHeld } from '../../organizations/index.js';
import { MemberStore } from '../../users/index.js';

@Injectable()
export class UnitMemberStore extends MemberStore {
  constructor(pager: Pager) {
    super(pager, { name: 'unit_members', scope: ['organization_id', 'unit_id'] });
  }

  /** Returns at most `limit` live units of an organization that the user belongs to. */
  async unitIdsOf(reader: Reader, organizationId: string, userId: string, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select r.id from unit_members m join units r on r.organization_id = m.organization_id and r.id = m.unit_id
       where m.organization_id = $1 and m.user_id = $2 and r.deleted_at is null order by r.id limit $3`,
      [organizationId, userId, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Returns the roles of a user in the units of an organization. */
  heldBy(reader: Reader, organizationId: string, userId: string): Promise<UnitHeld[]> {
    return reader.rows<UnitHeld>(
      'select unit_id as "unitId", role from unit_members where organization_id = $1 and user_id = $2 order by unit_id',
      [organizationId, userId],
    );
  }

  /** Removes the user from units where they are only `user`. Returns these units. */
  async leave(tx: Tx, organizationId: string, unitIds: string[], userId: string): Promise<string[]> {
    const rows = await tx.rows<{ unitId: string }>(
      `delete from unit_members where organization_id = $1 and unit_id = any ($2::uuid[]) and user_id = $3 and role = 'user'
       returning unit_id as "unitId"`,
      [organizationId, unitIds, userId],
    );
    return rows.map(({ unitId }) => unitId).sort();
  }

  /** Restores memberships in units that still exist. Returns them. */
  reinstate(tx: Tx, organizationId: string, userId: string, held: UnitHeld[]): Promise<UnitHeld[]> {
    return tx.rows<UnitHeld>(
      `insert into unit_members (organization_id, unit_id, user_id, role)
       select r.organization_id, r.id, $2, h.role from units r
       join unnest($3::uuid[], $4::text[]) as h(unit_id, role) on h.unit_id = r.id
       where r.organization_id = $1 order by r.id
       on conflict (organization_id, unit_id, user_id) do nothing returning unit_id as "unitId", role`,
      [organizationId, userId, held.map(({ unitId }) => unitId), held.map(({ role }) => role)],
    );
  }

  async missing(reader: Reader, organizationId: string, unitIds: string[], userId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select r.id from units r where r.organization_id = $1 and r.id = any ($2::uuid[]) and r.deleted_at is null
         and not exists (select 1 from unit_members m where m.organization_id = $1 and m.unit_id = r.id and m.user_id = $3)`,
      [organizationId, unitIds, userId],
    );
    return rows.map(({ id }) => id);
  }

  /** Adds the user to units that still exist. Returns the ones they were not in before. */
  async join(tx: Tx, organizationId: string, unitIds: string[], userId: string): Promise<string[]> {
    const rows = await tx.rows<{ unitId: string }>(
      `insert into unit_members (organization_id, unit_id, user_id, role)
       select r.organization_id, r.id, $3, 'user' from units r
       where r.organization_id = $1 and r.id = any ($2::uuid[]) and r.deleted_at is null order by r.id
       on conflict (organization_id, unit_id, user_id) do nothing returning unit_id as "unitId"`,
      [organizationId, unitIds, userId],
    );
    return rows.map(({ unitId }) => unitId);
  }
}
