import { PageQuery } from '../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  EtagField,
  ExternalIdField,
  IntegerField,
  SlugField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import type { LifecycleColumns } from './lifecycle.entity.js';
import { LIFECYCLE_STATUSES, type LifecycleStatus, lifecycleStatus } from './lifecycle.status.js';
import { versionAndEtag } from '../http/index.js';

export const LIFECYCLE_SORTS = ['name', '-name', 'slug', '-slug', 'createdAt', '-createdAt'] as const;

/** Filters of a list. `sort` differs. */
export class LifecycleQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name, slug or externalId, or the complete id.' })
  q?: string;

  @EnumField(LIFECYCLE_STATUSES, { optional: true, name: 'LifecycleStatus' })
  status?: LifecycleStatus;

  @ExternalIdField({ optional: true, description: 'The exact externalId.' })
  externalId?: string;

  @TextField({ max: 50, optional: true, description: 'The exact slug.' })
  slug?: string;
}

/** POST. */
export class CreateLifecycle {
  @TextField({ max: 120, example: 'Northwind Traders' })
  name: string;

  @SlugField({ optional: true, description: 'Derived from the name by default.' })
  slug?: string;

  @TextField({ min: 0, max: 2000, multiline: true, optional: true, nullable: true })
  description?: string | null;

  @ExternalIdField({ optional: true, nullable: true })
  externalId?: string | null;
}

/** PUT: missing fields are cleared. */
export class PutLifecycle {
  @TextField({ max: 120, example: 'Northwind Traders' })
  name: string;

  @SlugField({ optional: true, description: 'Only operator staff can change it. It stays when missing.' })
  slug?: string;

  @TextField({ min: 0, max: 2000, multiline: true, optional: true, nullable: true })
  description?: string | null;

  @ExternalIdField({ optional: true, nullable: true })
  externalId?: string | null;
}

/** PATCH: only given fields change. Null clears a field. */
export class PatchLifecycle {
  @TextField({ max: 120, optional: true, example: 'Northwind Traders' })
  name?: string;

  @SlugField({ optional: true, description: 'Only operator staff can change it.' })
  slug?: string;

  @TextField({ min: 0, max: 2000, multiline: true, optional: true, nullable: true })
  description?: string | null;

  @ExternalIdField({ optional: true, nullable: true })
  externalId?: string | null;
}

export class ConfirmDeletion {
  @TextField({ max: 200, description: 'The name, as confirmation. Names that look the same count as the same.' })
  confirmName: string;
}

export class DeletionView {
  @EnumField(['pending_deletion'])
  status: 'pending_deletion';

  @DateTimeField({ description: 'It can be restored until then.' })
  purgeAt: string;
}

export class LifecycleView {
  @UuidField()
  id: string;

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

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ nullable: true })
  deletedAt: string | null;

  @DateTimeField({ nullable: true, description: 'When it is purged, unless it is restored before.' })
  purgeAt: string | null;

  @IntegerField({ min: 1, max: 2_147_483_647, description: 'Raised by every change. Also the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

/** A row as the store reads it, with the date of the purge, which is computed and never stored. */
export type LifecycleRow = LifecycleColumns & { id: string; purgeAt: Date | null };

export const toLifecycleView = (row: LifecycleRow): LifecycleView => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  description: row.description,
  externalId: row.externalId,
  status: lifecycleStatus(row),
  createdAt: row.createdAt.toISOString(),
  deletedAt: row.deletedAt?.toISOString() ?? null,
  purgeAt: row.purgeAt?.toISOString() ?? null,
  ...versionAndEtag(row.version),
});
