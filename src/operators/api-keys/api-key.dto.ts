import { PageQuery } from '../../common/pagination/index.js';
import { DateTimeField, EnumField, ObjectField, TextField, UuidField } from '../../common/validation/index.js';
import type { ApiKeyColumns } from './api-key.columns.js';
import { API_KEY_STATUSES, type ApiKeyStatus } from './api-key.status.js';

const SORTS = ['createdAt', '-createdAt', 'name', '-name'] as const;

/** Filters that keys of operators and of organizations share. */
export class AnyApiKeyQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or of the first characters of the key.' })
  q?: string;

  @EnumField(API_KEY_STATUSES, { optional: true, name: 'ApiKeyStatus' })
  status?: ApiKeyStatus;

  @UuidField({ optional: true, description: 'Only keys that this user created, for example a former member.' })
  createdBy?: string;

  @EnumField(SORTS, { optional: true, default: '-createdAt' })
  sort?: (typeof SORTS)[number];
}

export class ApiKeyMakerView {
  @UuidField()
  id: string;

  @TextField()
  name: string;
}

/** What keys of operators and of organizations show. The secret is only in the response to the creation. */
export class AnyApiKeyView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @TextField({ example: 'trl_Ab3x', description: 'The first characters of the key.' })
  hint: string;

  @EnumField(API_KEY_STATUSES, { name: 'ApiKeyStatus' })
  status: ApiKeyStatus;

  @ObjectField(() => ApiKeyMakerView, { description: 'The creator.' })
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

export type AnyApiKeyRow = Omit<ApiKeyColumns, 'keyHash'> & {
  id: string;
  status: ApiKeyStatus;
  makerName: string | null;
};

export const toAnyApiKeyView = (row: AnyApiKeyRow): AnyApiKeyView => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  status: row.status,
  createdBy: { id: row.createdBy, name: row.makerName ?? '' },
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});
