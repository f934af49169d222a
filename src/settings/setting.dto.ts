import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { BooleanField, EnumField, TextField, UuidField } from '../common/validation/index.js';

const SOURCE_LEVELS = ['system', 'operator', 'organization', 'unit'] as const;

export class SettingSourceView {
  @EnumField(SOURCE_LEVELS, { name: 'SettingLevel' })
  level: (typeof SOURCE_LEVELS)[number];

  @UuidField({ nullable: true, description: 'Null for the system default.' })
  id: string | null;

  @TextField({ nullable: true })
  name: string | null;

  @BooleanField({
    optional: true,
    description:
      'True if the level does not set the value, which is derived from its name or contact instead. Missing otherwise.',
  })
  derived?: boolean;
}

/** Documents a map from field to level. The class that uses it must list `SettingSourceView` as an extra model. */
export const BySourceField = (description: string) =>
  ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(SettingSourceView) }, description });
