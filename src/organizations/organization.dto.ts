import { EmailField, EnumField, TextField, UuidField } from '../common/validation/index.js';
import {
  CreateLifecycle,
  LIFECYCLE_SORTS,
  LifecycleQuery,
  type LifecycleRow,
  LifecycleView,
  PatchLifecycle,
  PutLifecycle,
  toLifecycleView,
} from './lifecycle.dto.js';
import type { Organization } from './organization.entity.js';

const SORTS = [...LIFECYCLE_SORTS, 'available', '-available'] as const;

const INCLUDES = ['credits', 'plan', 'counts'] as const;
export type OrganizationInclude = (typeof INCLUDES)[number];
const INCLUDE_LIST = new RegExp(`^(?:${INCLUDES.join('|')})(?:,(?:${INCLUDES.join('|')}))*$`);

export class OrganizationQuery extends LifecycleQuery {
  @TextField({
    max: 100,
    optional: true,
    description: 'Only organizations with this plan, by id or name.',
  })
  plan?: string;

  @UuidField({
    optional: true,
    description:
      'Only organizations in whose audit log this user or API key made a change. Finds what to look through after a key or an account was stolen.',
  })
  changedBy?: string;

  @EnumField(SORTS, {
    optional: true,
    default: 'name',
    description: '`available` sorts by the credits that can be spent, as of the last entry of the ledger.',
  })
  sort?: (typeof SORTS)[number];

  @TextField({
    max: 100,
    optional: true,
    pattern: INCLUDE_LIST,
    example: 'credits,plan,counts',
    description: `What to add to each organization, separated by commas: ${INCLUDES.join(', ')}.`,
  })
  include?: string;
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
