import { ApiProperty } from '@nestjs/swagger';
import { type Permission, permissionsAt, type Role, ROLES } from '../common/access/index.js';
import { EnumField, EnumListField, ObjectListField } from '../common/validation/index.js';
import { RoleRefView } from '../organizations/index.js';

export const ACCESS_PATHS = ['member', 'staff', 'api_key'] as const;
export type AccessPath = (typeof ACCESS_PATHS)[number];

/** Permissions of an organization, as `x-requires` of an operation with the level `organization` names them. */
const OF_ORGANIZATION = permissionsAt('organization');
/** Permissions of a unit, as `x-requires` of an operation with the level `unit` names them. */
const OF_UNIT = permissionsAt('unit');

export class OrganizationAccessView {
  @EnumField(ROLES, {
    name: 'Role',
    description: 'The effective role: the highest of all that reach the organization.',
  })
  role: Role;

  @ObjectListField(() => RoleRefView, { description: 'Functional and custom roles in addition to `role`.' })
  roles: RoleRefView[];

  @EnumField(ACCESS_PATHS, {
    name: 'AccessPath',
    description:
      'Where `role` comes from: a membership, a role at the operator (`staff`), or the API key of the request. Members ' +
      'of the staff who are also members are `member` if their membership gives the same role.',
  })
  via: AccessPath;

  @EnumListField(OF_ORGANIZATION, {
    example: ['charges:create', 'credits:read', 'members:list', 'organization:read'],
    description:
      'Permissions in the organization. `x-requires` of each operation names the one that it needs. Those of the operator are in `GET …/account`.',
  })
  permissions: Permission[];

  @EnumListField(OF_UNIT, {
    example: [],
    description: 'Permissions in every unit. Empty for callers who only see their own units.',
  })
  allUnits: Permission[];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string', enum: [...OF_UNIT] }, uniqueItems: true },
    example: { '0197f1c2-7d5e-7c3a-9a55-2f1a4c9be001': ['unit:edit', 'unit:read'] },
    description: 'Permissions in the units of the caller, by the id of the unit, including those of `allUnits`.',
  })
  units: Record<string, Permission[]>;
}
