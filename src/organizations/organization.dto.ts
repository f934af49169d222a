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
    description: 'With this plan, by its id or its name.',
  })
  plan?: string;
}

export class CreateOrganization extends CreateLifecycle {
  @EmailField({
    optional: true,
    description:
      'Operator staff only: becomes its first admin, and is invited when there is no account with this address.',
  })
  adminEmail?: string;
}

/** PUT: what is left out is emptied. */
export class PutOrganization extends PutLifecycle {}

/** PATCH: only what is given changes; null empties. */
export class PatchOrganization extends PatchLifecycle {}

export class OrganizationView extends LifecycleView {}

export type OrganizationRow = Organization & LifecycleRow;

export const toOrganizationView: (row: OrganizationRow) => OrganizationView = toLifecycleView;
