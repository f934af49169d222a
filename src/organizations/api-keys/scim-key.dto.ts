import { PageQuery } from '../../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  ObjectField,
  TextField,
  UrlField,
  UuidField,
} from '../../common/validation/index.js';
import { API_KEY_STATUSES, ApiKeyMakerView, type ApiKeyStatus, toApiKeyView } from './api-key.dto.js';
import type { ApiKeyRow } from './api-key.store.js';

export class ScimKeyQuery extends PageQuery {
  @EnumField(API_KEY_STATUSES, { optional: true, name: 'ApiKeyStatus' })
  status?: ApiKeyStatus;
}

export class CreateScimKey {
  @TextField({ max: 100, example: 'Okta' })
  name: string;

  @DateTimeField({ optional: true, nullable: true, description: 'Left out: the key is valid until it is revoked.' })
  expiresAt?: string | null;
}

/** The key itself is in the answer to its creation alone. */
export class ScimKeyView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @TextField({ description: 'How the key begins.' })
  hint: string;

  @UrlField({ description: 'What the identity provider asks for as SCIM base URL, or tenant URL.' })
  baseUrl: string;

  @EnumField(API_KEY_STATUSES, { name: 'ApiKeyStatus' })
  status: ApiKeyStatus;

  @ObjectField(() => ApiKeyMakerView)
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

export class CreatedScimKeyView extends ScimKeyView {
  @TextField({ pattern: /^trl_[\w-]{43}$/, description: 'Shown only now: of the key only a hash is kept.' })
  key: string;
}

export function toScimKeyView(row: ApiKeyRow, baseUrl: string): ScimKeyView {
  const { id, name, hint, status, createdBy, createdAt, expiresAt, revokedAt, lastUsedAt } = toApiKeyView(row);
  return { id, name, hint, baseUrl, status, createdBy, createdAt, expiresAt, revokedAt, lastUsedAt };
}
