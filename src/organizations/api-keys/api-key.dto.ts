import { ArrayMinSize, IsString, IsUUID } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  ListField,
  ObjectField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { RoleIdsField } from '../roles/role.dto.js';
import type { ApiKeyRow } from './api-key.store.js';

export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;
export type ApiKeyStatus = (typeof API_KEY_STATUSES)[number];

const SORTS = ['createdAt', '-createdAt', 'name', '-name'] as const;
const MAX_UNITS = 100;

export class ApiKeyQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or of the beginning of the key.' })
  q?: string;

  @EnumField(API_KEY_STATUSES, { optional: true, name: 'ApiKeyStatus' })
  status?: ApiKeyStatus;

  @EnumField(ROLES, { optional: true, name: 'Role' })
  role?: Role;

  @UuidField({ optional: true, description: 'Who made it: what somebody who left has left behind.' })
  createdBy?: string;

  @EnumField(SORTS, { optional: true, default: '-createdAt' })
  sort?: (typeof SORTS)[number];
}

export class CreateApiKey {
  @TextField({ max: 100, example: 'Training jobs' })
  name: string;

  @EnumField(ROLES, { name: 'Role', description: "At most the maker's own." })
  role: Role;

  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];

  @ListField(applyDecorators(IsUUID('all', { each: true }), ArrayMinSize(1)), {
    max: MAX_UNITS,
    optional: true,
    description: 'The only units the key may act in and charge to. Left out: all units, also new ones.',
  })
  unitIds?: string[];

  @DateTimeField({ optional: true, nullable: true, description: 'Left out: the key is valid until it is revoked.' })
  expiresAt?: string | null;
}

export class ApiKeyMakerView {
  @UuidField()
  id: string;

  @TextField()
  name: string;
}

/** The key itself is in the answer to its creation alone. */
export class ApiKeyView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @TextField({ example: 'trl_Ab3x', description: 'How the key begins.' })
  hint: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }), { description: 'Functional and custom roles, by id.' })
  roleIds: string[];

  @ListField(IsString({ each: true }), { description: 'The same roles, by key.' })
  roles: string[];

  @ListField(IsUUID('all', { each: true }), { nullable: true, description: 'Null: all units.' })
  unitIds: string[] | null;

  @EnumField(API_KEY_STATUSES, { name: 'ApiKeyStatus' })
  status: ApiKeyStatus;

  @ObjectField(() => ApiKeyMakerView, {
    description: 'Who made it. The key belongs to the organization and stays when he leaves.',
  })
  createdBy: ApiKeyMakerView;

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;

  @DateTimeField({ nullable: true })
  revokedAt: string | null;

  @DateTimeField({ nullable: true, description: 'To the minute.' })
  lastUsedAt: string | null;
}

export class CreatedApiKeyView extends ApiKeyView {
  @TextField({ pattern: /^trl_[\w-]{43}$/, description: 'Shown only now: of the key only a hash is kept.' })
  key: string;
}

export const toApiKeyView = (row: ApiKeyRow): ApiKeyView => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  role: row.role,
  roleIds: row.roleIds,
  roles: row.roleKeys,
  unitIds: row.unitIds,
  status: row.status,
  createdBy: { id: row.createdBy, name: row.makerName ?? '' },
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});
