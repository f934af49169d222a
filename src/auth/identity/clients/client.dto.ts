import { PageQuery } from '../../../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  EtagField,
  type FieldOptions,
  IntegerField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import type { ClientRow } from './client.entity.js';
import { versionAndEtag } from '../../../http/index.js';

const SORTS = ['name', '-name', 'audience', '-audience', 'createdAt', '-createdAt'] as const;
const MAX_GRACE_SECONDS = 7 * 24 * 60 * 60;
export const GRACE_SECONDS = 60 * 60;

/** Accepts a word or a URI. */
const AudienceField = (options: FieldOptions) =>
  TextField({
    min: 2,
    max: 200,
    pattern: /^[a-z0-9](?:[a-z0-9._:/-]*[a-z0-9/])$/,
    example: 'https://jobs.acme.example',
    ...options,
  });

const NameField = (options: FieldOptions = {}) => TextField({ max: 100, example: 'Job scheduler', ...options });

export class ClientQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Finds clients whose name or audience contains this text.' })
  q?: string;

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export class CreateClient {
  @NameField()
  name: string;

  @AudienceField({
    optional: true,
    description:
      'The `aud` claim of tokens for this service. It never changes. If omitted, it is derived from the name. `trellis` is reserved.',
  })
  audience?: string;
}

export class PatchClient {
  @NameField({ optional: true })
  name?: string;
}

export class RotateClientSecret {
  @IntegerField({
    min: 0,
    max: MAX_GRACE_SECONDS,
    optional: true,
    default: GRACE_SECONDS,
    description: 'How long the previous secret stays valid. 0 ends it at once.',
  })
  graceSeconds?: number;
}

/** Never contains the secret. Only the responses that create one do. */
export class ClientView {
  @UuidField({ description: 'The `client_id` that the service authenticates with.' })
  id: string;

  @NameField()
  name: string;

  @AudienceField({ description: 'Pass this as `audience` when you request tokens.' })
  audience: string;

  @DateTimeField()
  secretCreatedAt: string;

  @DateTimeField({ nullable: true, description: 'The time until which the previous secret is valid as well.' })
  previousSecretExpiresAt: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

export class ClientSecretView extends ClientView {
  @TextField({ pattern: /^trc_[\w-]{43}$/, description: 'Shown only once. Trellis stores only a hash of the secret.' })
  secret: string;
}

export const toClientView = (row: ClientRow): ClientView => ({
  id: row.id,
  name: row.name,
  audience: row.audience,
  secretCreatedAt: row.secretCreatedAt.toISOString(),
  previousSecretExpiresAt: row.graceEndsAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  ...versionAndEtag(row.version),
});
