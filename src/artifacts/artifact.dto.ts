import { ValidateBy } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { PageQuery } from '../common/pagination/index.js';
import { DateTimeField, EnumField, IntegerField, JsonField, TextField, UuidField } from '../common/validation/index.js';
import { isArtifactUri, MAX_URI_LENGTH } from './artifact-uri.js';
import type { Artifact } from './artifact.entity.js';

const SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const;

/** 1 PiB. */
const MAX_SIZE_BYTES = 2 ** 50;

const KIND = { max: 50, example: 'model' } as const;
const NAME = { max: 200, example: 'churn-model.onnx' } as const;
const SIZE = { min: 0, max: MAX_SIZE_BYTES, description: 'The size of the file in bytes.' } as const;
const SHA256 = {
  max: 64,
  pattern: /^[0-9a-f]{64}$/,
  description: 'The SHA-256 hash of the file in lower-case hexadecimal digits.',
  example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
} as const;

const UriField = () =>
  applyDecorators(
    TextField({
      max: MAX_URI_LENGTH,
      verbatim: true,
      description:
        'Where the file is: an address that begins with `https://`, `s3://`, `gs://` or `registry://`, without a user name or password.',
      example: 's3://models/churn/12/model.onnx',
    }),
    ValidateBy({
      name: 'artifactUri',
      validator: {
        validate: isArtifactUri,
        defaultMessage: () =>
          '$property must be an address that begins with https://, s3://, gs:// or registry://, without a user name or password',
      },
    }),
  );

export class UnitArtifactQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or the address.' })
  q?: string;

  @TextField({ ...KIND, optional: true })
  kind?: string;

  @UuidField({ optional: true })
  runId?: string;

  @EnumField(SORTS, { optional: true, default: '-createdAt' })
  sort?: (typeof SORTS)[number];
}

export class ArtifactQuery extends UnitArtifactQuery {
  @UuidField({ optional: true })
  unitId?: string;
}

export class RegisterArtifact {
  @TextField(NAME)
  name: string;

  @TextField({ ...KIND, description: 'What the file is, in a word of your own.' })
  kind: string;

  @UriField()
  uri: string;

  @IntegerField({ ...SIZE, optional: true, nullable: true })
  sizeBytes?: number | null;

  @TextField({ ...SHA256, optional: true, nullable: true })
  sha256?: string | null;

  @UuidField({ optional: true, nullable: true, description: 'The run of this unit that made the file.' })
  runId?: string | null;

  @JsonField({ optional: true, nullable: true, description: 'At most 4 KiB of JSON.', example: { accuracy: 0.93 } })
  metadata?: Record<string, unknown> | null;
}

export class ArtifactView {
  @UuidField()
  id: string;

  @UuidField()
  unitId: string;

  @TextField({ description: 'The name of the unit.' })
  unitName: string;

  @TextField(NAME)
  name: string;

  @TextField(KIND)
  kind: string;

  @TextField({ max: MAX_URI_LENGTH, example: 's3://models/churn/12/model.onnx' })
  uri: string;

  @IntegerField({ ...SIZE, nullable: true })
  sizeBytes: number | null;

  @TextField({ ...SHA256, nullable: true })
  sha256: string | null;

  @UuidField({ nullable: true, description: 'The run that made the file.' })
  runId: string | null;

  @JsonField({ nullable: true })
  metadata: Record<string, unknown> | null;

  @UuidField({ nullable: true, description: 'The user who registered the artifact.' })
  memberId: string | null;

  @UuidField({ nullable: true, description: 'The API key that registered the artifact.' })
  apiKeyId: string | null;

  @DateTimeField()
  createdAt: string;
}

/** An artifact with the name of its unit. */
export type ArtifactRow = Artifact & { unitName: string };

export const toArtifactView = (row: ArtifactRow): ArtifactView => ({
  id: row.id,
  unitId: row.unitId,
  unitName: row.unitName,
  name: row.name,
  kind: row.kind,
  uri: row.uri,
  sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
  sha256: row.sha256,
  runId: row.runId,
  metadata: row.metadata,
  memberId: row.memberId,
  apiKeyId: row.apiKeyId,
  createdAt: row.createdAt.toISOString(),
});
