import { ROLES, type Role } from '../common/access/index.js';
import { EnumField, UuidField } from '../common/validation/index.js';
import {
  CreateLifecycle,
  LifecycleQuery,
  type LifecycleRow,
  LifecycleView,
  PatchLifecycle,
  PutLifecycle,
  toLifecycleView,
} from '../organizations/index.js';
import type { Unit } from './unit.entity.js';

export class UnitQuery extends LifecycleQuery {}

export class CreateUnit extends CreateLifecycle {}

/** PUT: what is left out is emptied. */
export class PutUnit extends PutLifecycle {}

/** PATCH: only what is given changes; null empties. */
export class PatchUnit extends PatchLifecycle {}

export class UnitView extends LifecycleView {
  @UuidField()
  organizationId: string;

  @EnumField(ROLES, {
    optional: true,
    nullable: true,
    name: 'Role',
    description: "In lists: the caller's own direct role.",
  })
  role?: Role | null;
}

export type UnitRow = Unit & LifecycleRow & { role?: Role | null };

export const toUnitView = (row: UnitRow): UnitView => ({
  ...toLifecycleView(row),
  organizationId: row.organizationId,
  ...(row.role !== undefined && { role: row.role }),
});
