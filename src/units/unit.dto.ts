import { ROLES, type Role } from '../common/access/index.js';
import { EnumField, IntegerField, DateTimeField, ExternalIdField, SlugField, TextField, UuidField } from '../common/validation/index.js';
import { LIFECYCLE_STATUSES, type LifecycleStatus, lifecycleStatus, OrganizationQuery, PatchOrganization, PutOrganization } from '../organizations/index.js';
import type { Unit } from './unit.entity.js';

export class UnitQuery extends OrganizationQuery {}

export class CreateUnit {
  @TextField({ max: 120, example: 'Marketing' })
  name: string;

  @SlugField({ optional: true, description: 'Made from the name when left out.' })
  slug?: string;

  @TextField({ min: 0, max: 2000, multiline: true, optional: true, nullable: true })
  description?: string | null;

  @ExternalIdField({ optional: true, nullable: true })
  externalId?: string | null;
}

/** PUT: what is left out is emptied. */
export class PutUnit extends PutOrganization {}

/** PATCH: only what is given changes; null empties. */
export class PatchUnit extends PatchOrganization {}

export class UnitView {
  @UuidField()
  id: string;

  @UuidField()
  organizationId: string;

  @SlugField()
  slug: string;

  @TextField()
  name: string;

  @TextField({ nullable: true })
  description: string | null;

  @ExternalIdField({ nullable: true })
  externalId: string | null;

  @EnumField(LIFECYCLE_STATUSES, { name: 'LifecycleStatus' })
  status: LifecycleStatus;

  @EnumField(ROLES, { optional: true, nullable: true, name: 'Role', description: "In lists: the caller's own direct role." })
  role?: Role | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ nullable: true })
  deletedAt: string | null;

  @DateTimeField({ nullable: true, description: 'When it is purged, if it is not restored before.' })
  purgeAt: string | null;

  @IntegerField({ min: 1, max: 2_147_483_647, description: 'Raised by every change; the ETag.' })
  version: number;
}

export type UnitRow = Unit & { purgeAt: Date | null; role?: Role | null };

export const toUnitView = (row: UnitRow): UnitView => ({
  id: row.id,
  organizationId: row.organizationId,
  slug: row.slug,
  name: row.name,
  description: row.description,
  externalId: row.externalId,
  status: lifecycleStatus(row),
  ...(row.role !== undefined && { role: row.role }),
  createdAt: row.createdAt.toISOString(),
  deletedAt: row.deletedAt?.toISOString() ?? null,
  purgeAt: row.purgeAt?.toISOString() ?? null,
  version: row.version,
});
