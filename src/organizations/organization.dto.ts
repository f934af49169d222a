import { EmailField, TextField } from '../common/validation/index.js';
import {
  CreateLifecycle,
  LifecycleQuery,
  type LifecycleRow,
  LifecycleView,
  PatchLifecycle,
  PutLifecycle,
  toLifecycleView,
} from './lifecycle.dto.js';
import type { Organization } from './organization.entity.js';

export class OrganizationQuery extends LifecycleQuery {
  @TextField({
    max: 100,
    optional: true,
    description: 'Only organizations with this plan, by id or name.',
  })
  plan?: string;
}

export class CreateOrganization extends CreateLifecycle {
  @EmailField({
    optional: true,
    description: 'Operator staff only: the first admin. If no account has this address, the user is invited.',
  })
  adminEmail?: string;
}

/** PUT: missing fields are cleared. */
export class PutOrganization extends PutLifecycle {}

/** PATCH: only given fields change. Null clears a field. */
export class PatchOrganization extends PatchLifecycle {}

export class OrganizationView extends LifecycleView {}

export type OrganizationRow = Organization & LifecycleRow;

export const toOrganizationView: (row: OrganizationRow) => OrganizationView = toLifecycleView;
