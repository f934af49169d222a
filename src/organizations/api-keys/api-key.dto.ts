import { ArrayMinSize } from 'class-validator';
import { API_KEY_PERMISSIONS, type Permission, ROLES, type Role } from '../../common/access/index.js';
import { AnyApiKeyQuery, AnyApiKeyView, toAnyApiKeyView } from '../../operators/index.js';
import { DayOrTimeField, EnumField, EnumListField, TextField, UuidListField } from '../../common/validation/index.js';
import type { ApiKeyRow } from './api-key.types.js';

const MAX_UNITS = 100;

const ApiKeyPermissionsField = (optional = false) =>
  EnumListField(API_KEY_PERMISSIONS, {
    noun: 'a permission that keys can have',
    optional,
    ...(optional && {
      description:
        'What the key can do, of what you can do. By default `charges:create` and `credits:read`. No key lets users in or ' +
        'changes how they get in.',
    }),
    example: ['charges:create', 'credits:read'],
  });

export class ApiKeyQuery extends AnyApiKeyQuery {
  @EnumField(ROLES, { optional: true, name: 'Role' })
  role?: Role;
}

export class CreateApiKey {
  @TextField({ max: 100, example: 'Training jobs' })
  name: string;

  @ApiKeyPermissionsField(true)
  permissions?: Permission[];

  @EnumField(ROLES, {
    name: 'Role',
    optional: true,
    description:
      'Instead of `permissions`: the permissions of this role, at most your own, less those that keys can never have.',
  })
  role?: Role;

  @ArrayMinSize(1)
  @UuidListField({
    max: MAX_UNITS,
    optional: true,
    description: 'The units in which the key can act and charge. By default all units, including new ones.',
  })
  unitIds?: string[];

  @DayOrTimeField({
    optional: true,
    nullable: true,
    description:
      'A day is valid to its end in the time zone of the operator. By default the key is valid until it is revoked.',
  })
  expiresAt?: string | null;
}

/** The key belongs to the organization and stays when its creator leaves. */
export class ApiKeyView extends AnyApiKeyView {
  @EnumField(ROLES, { name: 'Role', description: 'The role that the key was made with, `user` if none was named.' })
  role: Role;

  @ApiKeyPermissionsField()
  permissions: Permission[];

  @UuidListField({ nullable: true, description: 'Null for all units.' })
  unitIds: string[] | null;
}

export class CreatedApiKeyView extends ApiKeyView {
  @TextField({ pattern: /^trl_[\w-]{43}$/, description: 'Returned only once. The server keeps a hash.' })
  key: string;
}

export const toApiKeyView = (row: ApiKeyRow): ApiKeyView => ({
  ...toAnyApiKeyView(row),
  role: row.role,
  permissions: row.permissions,
  unitIds: row.unitIds,
});
