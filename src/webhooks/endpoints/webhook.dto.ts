import { applyDecorators } from '@nestjs/common';
import { ArrayNotEmpty, Matches, ValidateBy } from 'class-validator';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  EtagField,
  JsonField,
  ListField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { DISABLED_REASONS, type DisabledReason } from '../model/webhook.entity.js';

const SORTS = ['-createdAt', 'createdAt'] as const;

const PATTERN = /^(\*|[a-z_]{1,50}\.(\*|[a-z_]{1,50}))$/;

const EventTypesField = (options: { optional?: boolean } = {}) =>
  applyDecorators(
    ListField(Matches(PATTERN, { each: true, message: 'each of $property must be a type, a prefix with .*, or *' }), {
      max: 100,
      ...options,
      description: 'Types of `GET /webhook-event-types`, prefixes such as `organization.*`, or `*` for all.',
      example: ['organization.*', 'top_up.granted'],
    }),
    ArrayNotEmpty(),
  );

/** The service refuses what is not public. Addresses that begin with `http://` are for receivers on the machine itself. */
const isAddress = (value: unknown): boolean => {
  if (typeof value !== 'string' || !/^https?:\/\/[^/]/i.test(value) || /\s/.test(value) || !URL.canParse(value))
    return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
};

const AddressField = (options: { optional?: boolean } = {}) =>
  applyDecorators(
    TextField({
      max: 2000,
      ...options,
      description: 'A public address that begins with `https://`, without a user name or password.',
      example: 'https://example.com/webhooks',
    }),
    ValidateBy({
      name: 'webhookUrl',
      validator: {
        validate: isAddress,
        defaultMessage: () => '$property must be an address that begins with https://, without a user name or password',
      },
    }),
  );

const HeadersField = () =>
  JsonField({
    optional: true,
    description:
      'At most 20 headers that every delivery has, by name. `{{NAME}}` in a value stands for a variable, also a secret one. Secrets of the operator are only for its own webhooks.',
    example: { Authorization: 'Bearer {{RECEIVER_TOKEN}}' },
  });

export class WebhookQuery extends PageQuery {
  @EnumField(SORTS, { optional: true, default: '-createdAt' })
  sort?: (typeof SORTS)[number];
}

export class CreateWebhook {
  @AddressField()
  url: string;

  @TextField({ max: 200, optional: true, nullable: true })
  description?: string | null;

  @EventTypesField()
  eventTypes: string[];

  @HeadersField()
  headers?: Record<string, string>;

  @BooleanField({ optional: true, default: true })
  active?: boolean;
}

export class PatchWebhook {
  @AddressField({ optional: true })
  url?: string;

  @TextField({ max: 200, optional: true, nullable: true })
  description?: string | null;

  @EventTypesField({ optional: true })
  eventTypes?: string[];

  @HeadersField()
  headers?: Record<string, string>;

  @BooleanField({ optional: true, description: 'Switching it on again sends what waits.' })
  active?: boolean;
}

export class WebhookView {
  @UuidField()
  id: string;

  @TextField({ example: 'https://example.com/webhooks' })
  url: string;

  @TextField({ nullable: true })
  description: string | null;

  @EventTypesField()
  eventTypes: string[];

  @JsonField({ description: 'Header names and values.' })
  headers: Record<string, string>;

  @BooleanField()
  active: boolean;

  @EnumField(DISABLED_REASONS, {
    nullable: true,
    name: 'WebhookDisabledReason',
    description:
      'Why the server switched it off. `gone`: the receiver answered 410. `failing`: every attempt failed for five days.',
  })
  disabledReason: DisabledReason | null;

  @DateTimeField({ nullable: true, description: 'Since when every attempt failed.' })
  failingSince: string | null;

  @DateTimeField({ nullable: true, description: 'Until when deliveries are signed with the secret before, too.' })
  previousSecretUntil: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @EtagField()
  etag: string;
}

export class CreatedWebhookView extends WebhookView {
  @TextField({
    description: 'Signs deliveries. Shown only once.',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw7q8V1nW2cC4=',
  })
  secret: string;
}

export class RotatedSecretView {
  @TextField({ description: 'The new secret. Shown only once.' })
  secret: string;

  @DateTimeField({ description: 'Until then, deliveries are signed with both secrets.' })
  previousSecretUntil: string;
}
