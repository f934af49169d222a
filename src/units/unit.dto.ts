import { ROLES, type Role } from '../common/access/index.js';
import { EnumField, UuidField } from '../common/validation/index.js';
import {
  CreateLifecycle,
  LIFECYCLE_SORTS,
  LifecycleQuery,
  type LifecycleRow,
  LifecycleView,
  PatchLifecycle,
  PutLifecycle,
  toLifecycleView,
} from '../organizations/index.js';
import type { Unit } from './unit.entity.js';

export class UnitQuery extends LifecycleQuery {
  @EnumField(LIFECYCLE_SORTS, { optional: true, default: 'name' })
  sort?: (typeof LIFECYCLE_SORTS)[number];
}

export class CreateUnit extends CreateLifecycle {}

/** PUT: missing fields are cleared. */
export class PutUnit extends PutLifecycle {}

/** PATCH: only given fields change. Null clears a field. */
export class PatchUnit extends PatchLifecycle {}

export class UnitView extends LifecycleView {
  @UuidField()
  organizationId: string;

  @EnumField(ROLES, {
    optional: true,
    nullable: true,
    name: 'Role',
    description: 'Your own direct role. Only in lists.',
  })
  role?: Role | null;
}

export type UnitRow = Unit & LifecycleRow & { role?: Role | null };

export const toUnitView = (row: UnitRow): UnitView => ({
  ...toLifecycleView(row),
  organizationId: row.organizationId,
  ...(row.role !== undefined && { role: row.role }),
});
