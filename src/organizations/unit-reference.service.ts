import { Injectable } from '@nestjs/common';
import type { Reader } from '../database/index.js';
import { AppError } from '../common/errors/index.js';

/** Checks unit ids in invitations, access rules and API keys. It reads the table of the units module above. */
@Injectable()
export class UnitReferenceService {
  /**
   * Requires live units of the organization and, if `memberId` is given, of that member. Responds with `units.not_found` as 422,
   * because the body is wrong and not the path.
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
      throw new AppError('unprocessable', 'units.not_found', 'This unit does not exist in this organization.', {
        data: { unitIds: unknown.map(({ id }) => id) },
      });
  }
}
