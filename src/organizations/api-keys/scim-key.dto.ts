import { PageQuery } from '../../common/pagination/index.js';
import { DayOrTimeField, EnumField, TextField, UrlField } from '../../common/validation/index.js';
import { API_KEY_STATUSES, AnyApiKeyView, type ApiKeyStatus, toAnyApiKeyView } from '../../operators/index.js';
import type { ApiKeyRow } from './api-key.types.js';

export class ScimKeyQuery extends PageQuery {
  @EnumField(API_KEY_STATUSES, { optional: true, name: 'ApiKeyStatus' })
  status?: ApiKeyStatus;
}

export class CreateScimKey {
  @TextField({ max: 100, example: 'Okta' })
  name: string;

  @DayOrTimeField({
    optional: true,
    nullable: true,
    description:
      'A day is valid to its end in the time zone of the operator. By default the key is valid until it is revoked.',
  })
  expiresAt?: string | null;
}

export class ScimKeyView extends AnyApiKeyView {
  @UrlField({ description: 'Enter this in the identity provider as the SCIM base URL or tenant URL.' })
  baseUrl: string;
}

export class CreatedScimKeyView extends ScimKeyView {
  @TextField({ pattern: /^trl_[\w-]{43}$/, description: 'Returned only once. The server keeps a hash.' })
  key: string;
}

export const toScimKeyView = (row: ApiKeyRow, baseUrl: string): ScimKeyView => ({ ...toAnyApiKeyView(row), baseUrl });
