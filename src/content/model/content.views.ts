import { BooleanField, EnumField, TextField, UrlField } from '../../common/validation/index.js';
import { KEY_SOURCE } from '../../variables/index.js';
import { AnyJsonField } from './content.fields.js';
import { FIELD_TYPES, type FieldType, type FieldValue } from './content.types.js';

export class ContentFieldView {
  @TextField({
    max: 63,
    pattern: new RegExp(`^${KEY_SOURCE}$`),
    description: 'Unique in its document. `{{NAME}}` in a template stands for the value.',
    example: 'NOTICE_PERIOD',
  })
  name: string;

  @EnumField(FIELD_TYPES, { name: 'ContentFieldType' })
  type: FieldType;

  @AnyJsonField({
    description: 'The value unless an organization overrides it, of the type of the field. Null for none.',
  })
  default: FieldValue;

  @BooleanField({ description: 'Organizations cannot override it.' })
  locked: boolean;
}

export class AttachmentView {
  @TextField({ max: 200, example: 'Price list' })
  name: string;

  @UrlField()
  url: string;
}
