import { JsonField, ObjectListField, TextField } from '../../common/validation/index.js';

export class EventTypeView {
  @TextField({ example: 'organization.updated' })
  type: string;

  @TextField({ example: 'Organization changed' })
  description: string;

  @JsonField({ description: 'The JSON schema of the body of a delivery.' })
  schema: Record<string, unknown>;
}

export class EventTypesView {
  @ObjectListField(() => EventTypeView)
  items: EventTypeView[];
}
