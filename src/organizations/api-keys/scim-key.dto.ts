import { PageQuery } from '../../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  ObjectField,
  TextField,
  UrlField,
  UuidField,
} from '../../common/validation/index.js';
import { ApiKeyMakerView, toApiKeyView } from './api-key.dto.js';
import { API_KEY_STATUSES, type ApiKeyRow, type ApiKeyStatus } from './api-key.types.js';

export class ScimKeyQuery extends PageQuery {
  @EnumField(API_KEY_STATUSES, { optional: true, name: 'ApiKeyStatus' })
  status?: ApiKeyStatus;
}

export class CreateScimKey {
  @TextField({ max: 100, example: 'Okta' })
  name: string;

  @DateTimeField({
    optional: true,
    nullable: true,
    description:
      'A day is valid to its end in the time zone of the operator. By default the key is valid until it is revoked.',
  })
  expiresAt?: string | null;
}

/** The secret is only in the response to the creation. */
export class ScimKeyView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @TextField({ description: 'The first characters of the key.' })
  hint: string;

  @UrlField({ description: 'Enter this in the identity provider as the SCIM base URL or tenant URL.' })
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

  @DateTimeField({ nullable: true, description: 'Accurate to the minute.' })
  lastUsedAt: string | null;
}

export class CreatedScimKeyView extends ScimKeyView {
  @TextField({ pattern: /^trl_[\w-]{43}$/, description: 'Returned only once. The server keeps a hash.' })
  key: string;
}

export function toScimKeyView(row: ApiKeyRow, baseUrl: string): ScimKeyView {
  const { id, name, hint, status, createdBy, createdAt, expiresAt, revokedAt, lastUsedAt } = toApiKeyView(row);
  return { id, name, hint, baseUrl, status, createdBy, createdAt, expiresAt, revokedAt, lastUsedAt };
}
