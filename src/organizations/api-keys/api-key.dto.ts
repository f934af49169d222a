import { ArrayMinSize } from 'class-validator';
import { API_KEY_PERMISSIONS, type Permission, ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  EnumListField,
  ObjectField,
  TextField,
  UuidField,
  UuidListField,
} from '../../common/validation/index.js';
import { API_KEY_STATUSES, type ApiKeyRow, type ApiKeyStatus } from './api-key.types.js';

const SORTS = ['createdAt', '-createdAt', 'name', '-name'] as const;
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

export class ApiKeyQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or of the first characters of the key.' })
  q?: string;

  @EnumField(API_KEY_STATUSES, { optional: true, name: 'ApiKeyStatus' })
  status?: ApiKeyStatus;

  @EnumField(ROLES, { optional: true, name: 'Role' })
  role?: Role;

  @UuidField({ optional: true, description: 'Only keys that this user created, for example a former member.' })
  createdBy?: string;

  @EnumField(SORTS, { optional: true, default: '-createdAt' })
  sort?: (typeof SORTS)[number];
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

  @DateTimeField({
    optional: true,
    nullable: true,
    description:
      'A day is valid to its end in the time zone of the operator. By default the key is valid until it is revoked.',
  })
  expiresAt?: string | null;
}

export class ApiKeyMakerView {
  @UuidField()
  id: string;

  @TextField()
  name: string;
}

/** The secret is only in the response to the creation. */
export class ApiKeyView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @TextField({ example: 'trl_Ab3x', description: 'The first characters of the key.' })
  hint: string;

  @EnumField(ROLES, { name: 'Role', description: 'The role that the key was made with, `user` if none was named.' })
  role: Role;

  @ApiKeyPermissionsField()
  permissions: Permission[];

  @UuidListField({ nullable: true, description: 'Null for all units.' })
  unitIds: string[] | null;

  @EnumField(API_KEY_STATUSES, { name: 'ApiKeyStatus' })
  status: ApiKeyStatus;

  @ObjectField(() => ApiKeyMakerView, {
    description: 'The creator. The key belongs to the organization and stays when the creator leaves.',
  })
  createdBy: ApiKeyMakerView;

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;

  @DateTimeField({ nullable: true })
  revokedAt: string | null;

  @DateTimeField({ nullable: true, description: 'Accurate to the minute.' })
  lastUsedAt: string | null;
}

export class CreatedApiKeyView extends ApiKeyView {
  @TextField({ pattern: /^trl_[\w-]{43}$/, description: 'Returned only once. The server keeps a hash.' })
  key: string;
}

export const toApiKeyView = (row: ApiKeyRow): ApiKeyView => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  role: row.role,
  permissions: row.permissions,
  unitIds: row.unitIds,
  status: row.status,
  createdBy: { id: row.createdBy, name: row.makerName ?? '' },
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});
