import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import type { Place } from '../setting.kind.js';
import { OperatorLogo, OrganizationLogo } from './logo.entity.js';
import type { LogoImage } from './logo-image.js';
import type { LogoRef } from './logo-url.js';

@Injectable()
export class LogoStore {
  async add(tx: Tx, { operatorId, organizationId, unitId }: Place, id: string, image: LogoImage): Promise<void> {
    if (organizationId === undefined) await tx.insert(OperatorLogo, { operatorId, id, ...image });
    else await tx.insert(OrganizationLogo, { organizationId, unitId: unitId ?? null, id, ...image });
  }

  /** Removes the uploads of one level, except those with the ids in `keep`. */
  async removeOthers(tx: Tx, { operatorId, organizationId, unitId }: Place, keep: readonly string[]): Promise<void> {
    if (organizationId === undefined) {
      await tx.execute('delete from operator_logos where operator_id = $1 and id <> all($2::uuid[])', [
        operatorId,
        keep,
      ]);
      return;
    }
    await tx.execute(
      'delete from organization_logos where organization_id = $1 and unit_id is not distinct from $2 and id <> all($3::uuid[])',
      [organizationId, unitId ?? null, keep],
    );
  }

  /** Returns null if the logo belongs to another operator, or if its organization or unit is pending deletion. */
  async find(reader: Reader, operatorSlug: string, { organizationId, id }: LogoRef): Promise<LogoImage | null> {
    const columns = 'l.content_type as "contentType", l.bytes';
    const [logo] =
      organizationId === undefined
        ? await reader.rows<LogoImage>(
            `select ${columns} from operators o join operator_logos l on l.operator_id = o.id and l.id = $2 where o.slug = $1`,
            [operatorSlug, id],
          )
        : await reader.rows<LogoImage>(
            `select ${columns} from organization_logos l
             join organizations g on g.id = l.organization_id and g.deleted_at is null
             join operators o on o.id = g.operator_id and o.slug = $1
             left join units u on u.organization_id = l.organization_id and u.id = l.unit_id
             where l.organization_id = $2 and l.id = $3 and u.deleted_at is null`,
            [operatorSlug, organizationId, id],
          );
    return logo ?? null;
  }
}
