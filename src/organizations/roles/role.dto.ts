import { applyDecorators } from '@nestjs/common';
import { IsString, Matches } from 'class-validator';
import { ASSIGNABLE_PERMISSIONS, type Permission } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  EnumListField,
  EtagField,
  IntegerField,
  ListField,
  TextField,
} from '../../common/validation/index.js';
import { ROLE_KINDS, type RoleKind } from './role.definitions.js';

/** Limit of functional and custom roles per user. */
const MAX_ROLES = 20;
const REFERENCE = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const SORTS = ['kind', '-kind', 'name', '-name', 'key', '-key'] as const;

/** Validates functional, custom and template roles, by id or key. */
export const RoleIdsField = (description: string) =>
  ListField(
    applyDecorators(
      IsString({ each: true }),
      Matches(REFERENCE, { each: true, message: 'each of $property must be the id or the key of a role' }),
    ),
    { max: MAX_ROLES, optional: true, description },
  );

export const RoleReferenceField = (description: string) =>
  TextField({ max: 63, pattern: REFERENCE, optional: true, description });

export const PermissionsField = (optional = false) =>
  EnumListField(ASSIGNABLE_PERMISSIONS, {
    noun: 'a permission',
    optional,
    description: 'Permissions of the organization and its units. You can only give permissions that you hold.',
    example: ['invitations:create', 'invitations:list'],
  });

export class RoleQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or key.' })
  q?: string;

  @EnumField(ROLE_KINDS, { optional: true, name: 'RoleKind' })
  kind?: RoleKind;

  @EnumField(SORTS, { optional: true, default: 'kind' })
  sort?: (typeof SORTS)[number];
}

export class CreateRole {
  @TextField({ max: 100 })
  name: string;

  @TextField({
    min: 5,
    max: 50,
    optional: true,
    pattern: /^org-[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    description: 'Appears in tokens and never changes. Derived from the name by default.',
    example: 'org-recruiter',
  })
  key?: string;

  @TextField({ max: 500, optional: true, nullable: true })
  description?: string | null;

  @PermissionsField()
  permissions: Permission[];
}

export class PatchRole {
  @TextField({ max: 100, optional: true })
  name?: string;

  @TextField({ max: 500, optional: true, nullable: true })
  description?: string | null;

  @PermissionsField(true)
  permissions?: Permission[];
}

export class DeleteRole {
  @RoleReferenceField('Replaces the role wherever it is used. Required when the role is in use.')
  replacementRoleId?: string;
}

export class RoleView {
  @TextField({ description: 'The value for `roleIds`. For roles of the product this is the key.' })
  id: string;

  @TextField({ description: 'The value in `org_roles` of tokens.' })
  key: string;

  @TextField()
  name: string;

  @TextField({ nullable: true, max: 500 })
  description: string | null;

  @EnumField(ROLE_KINDS, {
    name: 'RoleKind',
    description:
      '`built_in`: cumulative, every member has exactly one. `functional`: in addition to it, the same in every organization. `template`: published and changed by the operator. `custom`: belongs to this organization.',
  })
  kind: RoleKind;

  @EnumListField(ASSIGNABLE_PERMISSIONS)
  permissions: string[];

  @BooleanField({ description: 'Whether you can assign the role.' })
  grantable: boolean;

  @DateTimeField({ nullable: true })
  updatedAt: string | null;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

/** A role that a user holds. */
export class RoleRefView {
  @TextField()
  id: string;

  @TextField()
  key: string;

  @TextField()
  name: string;
}
