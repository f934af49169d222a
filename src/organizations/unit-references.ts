import { Injectable } from '@nestjs/common';
import type { Reader } from '../database/index.js';
import { AppError } from '../common/errors/index.js';

/** Units as invitations, access rules and API keys name them. It reads a table of the room above, which has no say in it. */
@Injectable()
export class UnitReferences {
  /**
   * Refuses what is no live unit of the organization, or not one of `memberId`'s when he is given. The code is the units'
   * own; in a body that names units it is the body that is wrong, and not the path. Throws units.not_found (422).
   */
  async assertKnown(
    reader: Reader,
    organizationId: string,
    unitIds: readonly string[],
    memberId: string | null = null,
  ): Promise<void> {
    if (unitIds.length === 0) return;
    const unknown = await reader.rows<{ id: string }>(
      `select wanted.id from unnest($2::uuid[]) as wanted(id) where not exists
         (select 1 from units r where r.organization_id = $1 and r.id = wanted.id and r.deleted_at is null
            and ($3::uuid is null or exists (select 1 from unit_members m
              where m.organization_id = $1 and m.unit_id = r.id and m.user_id = $3)))`,
      [organizationId, unitIds, memberId],
    );
    if (unknown.length > 0)
      throw new AppError('unprocessable', 'units.not_found', 'There is no such unit in this organization.', {
        data: { unitIds: unknown.map(({ id }) => id) },
      });
  }
}
