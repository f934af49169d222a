import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import type { Place } from '../setting.kind.js';
import { OperatorLogo, OrganizationLogo } from './logo.entity.js';
import type { LogoImage } from './logo-image.js';
import type { LogoRef } from './logo-url.js';

/** Replaced logos of one level that stay in the mails that showed them. */
const MAX_REPLACED = 100;

/** An upload with the id of the operator or organization that has it. */
export interface OwnedLogoRef extends LogoRef {
  ownerId: string;
}

const keyOf = ({ organizationId }: LogoRef): [table: string, key: string] =>
  organizationId === undefined
    ? ['operator_logos', 'operator_id = $1 and id = $2']
    : ['organization_logos', 'organization_id = $1 and id = $2'];

@Injectable()
export class LogoStore {
  async add(
    tx: Tx,
    { operatorId, organizationId, unitId }: Place,
    id: string,
    image: LogoImage & { mailImage: Buffer | null },
  ): Promise<void> {
    if (organizationId === undefined) await tx.insert(OperatorLogo, { operatorId, id, ...image });
    else await tx.insert(OrganizationLogo, { organizationId, unitId: unitId ?? null, id, ...image });
  }

  /**
   * Removes the uploads of one level, except those with the ids in `keep`. Of those that a mail showed, the newest
   * MAX_REPLACED keep the picture for mails.
   */
  async removeOthers(tx: Tx, { operatorId, organizationId, unitId }: Place, keep: readonly string[]): Promise<void> {
    const isOfOperator = organizationId === undefined;
    const table = isOfOperator ? 'operator_logos' : 'organization_logos';
    const others = isOfOperator
      ? 'operator_id = $1 and $2::uuid is null and id <> all($3::uuid[])'
      : 'organization_id = $1 and unit_id is not distinct from $2 and id <> all($3::uuid[])';
    const place = [organizationId ?? operatorId, unitId ?? null, keep];
    await tx.execute(`delete from ${table} where ${others} and mailed_at is null`, place);
    await tx.execute(`update ${table} set bytes = null where ${others} and bytes is not null`, place);
    await tx.execute(
      `delete from ${table} where ${others} and id <=
         (select id from ${table} where ${others} order by id desc offset $4 limit 1)`,
      [...place, MAX_REPLACED],
    );
  }

  /** Returns whether there is a picture of an upload for mails, and whether a mail has shown it. */
  async mailState(reader: Reader, ref: OwnedLogoRef): Promise<{ mailed: boolean } | null> {
    const [table, key] = keyOf(ref);
    return reader.maybe(
      `select mailed_at is not null as mailed from ${table} where ${key} and mail_image is not null`,
      [ref.ownerId, ref.id],
    );
  }

  /** Keeps the picture from now on. Returns false if the logo was replaced meanwhile. */
  async markMailed(tx: Tx, ref: OwnedLogoRef): Promise<boolean> {
    const [table, key] = keyOf(ref);
    const count = await tx.execute(
      `update ${table} set mailed_at = coalesce(mailed_at, now()) where ${key} and mail_image is not null`,
      [ref.ownerId, ref.id],
    );
    return count > 0;
  }

  /** Returns the picture for mails, also after the logo was replaced. Null if the logo belongs to another operator. */
  async findMailImage(reader: Reader, operatorSlug: string, { organizationId, id }: LogoRef): Promise<Buffer | null> {
    const found = await reader.maybe<{ image: Buffer | null }>(
      organizationId === undefined
        ? `select l.mail_image as image from operators o join operator_logos l on l.operator_id = o.id
           where o.slug = $1 and l.id = $2 and $3::uuid is null`
        : `select l.mail_image as image from organization_logos l
           join organizations g on g.id = l.organization_id
           join operators o on o.id = g.operator_id and o.slug = $1
           where l.organization_id = $3 and l.id = $2`,
      [operatorSlug, id, organizationId ?? null],
    );
    return found?.image ?? null;
  }

  /** Returns null if the logo belongs to another operator, or if its organization or unit is pending deletion. */
  async find(reader: Reader, operatorSlug: string, { organizationId, id }: LogoRef): Promise<LogoImage | null> {
    const columns = 'l.content_type as "contentType", l.bytes';
    const [logo] =
      organizationId === undefined
        ? await reader.rows<LogoImage>(
            `select ${columns} from operators o join operator_logos l on l.operator_id = o.id and l.id = $2 where o.slug = $1 and l.bytes is not null`,
            [operatorSlug, id],
          )
        : await reader.rows<LogoImage>(
            `select ${columns} from organization_logos l
             join organizations g on g.id = l.organization_id and g.deleted_at is null
             join operators o on o.id = g.operator_id and o.slug = $1
             left join units u on u.organization_id = l.organization_id and u.id = l.unit_id
             where l.organization_id = $2 and l.id = $3 and u.deleted_at is null and l.bytes is not null`,
            [operatorSlug, organizationId, id],
          );
    return logo ?? null;
  }
}
