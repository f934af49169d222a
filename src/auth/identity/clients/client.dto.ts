import { PageQuery } from '../../../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  type FieldOptions,
  IntegerField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import type { ClientRow } from './client.entity.js';

const SORTS = ['name', '-name', 'audience', '-audience', 'createdAt', '-createdAt'] as const;
const MAX_GRACE_SECONDS = 7 * 24 * 60 * 60;
export const GRACE_SECONDS = 60 * 60;

/** A word or a URI, as services are set up with. */
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
  @TextField({ max: 100, optional: true, description: 'Part of the name or the audience.' })
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
      'What stands in tokens for this service as `aud`; never changes. Left out, it is made of the name. `trellis` is taken.',
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
    description: 'How long the secret before it still counts. 0: it ends at once.',
  })
  graceSeconds?: number;
}

/** The secret itself is in the answers that make one alone. */
export class ClientView {
  @UuidField({ description: 'The name it authenticates with (`client_id`).' })
  id: string;

  @NameField()
  name: string;

  @AudienceField({ description: 'To be named as `audience` where tokens are asked for.' })
  audience: string;

  @DateTimeField()
  secretCreatedAt: string;

  @DateTimeField({ nullable: true, description: 'Until then the secret before it counts as well.' })
  previousSecretExpiresAt: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;
}

export class ClientSecretView extends ClientView {
  @TextField({ pattern: /^trc_[\w-]{43}$/, description: 'Shown only now: of the secret only a hash is kept.' })
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
  version: row.version,
});
