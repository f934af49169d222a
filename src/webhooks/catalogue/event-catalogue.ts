import { EVENT_DESCRIPTIONS, EVENT_TYPES } from '../../events/index.js';
import type { EventTypeView } from './event-type.dto.js';

const nullable = (schema: Record<string, unknown>) => ({ anyOf: [schema, { type: 'null' }] });
const UUID = { type: 'string', format: 'uuid' };
const FIELDS = (description: string) => nullable({ type: 'object', additionalProperties: true, description });

/** Returns the JSON schema of what a receiver gets for a type of event. */
export const schemaOf = (type: string): Record<string, unknown> => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: type,
  type: 'object',
  required: ['type', 'timestamp', 'data'],
  additionalProperties: false,
  properties: {
    type: { const: type },
    timestamp: { type: 'string', format: 'date-time', description: 'When it happened.' },
    data: {
      type: 'object',
      required: ['id', 'organization', 'actor', 'subject', 'before', 'after'],
      additionalProperties: false,
      properties: {
        id: { ...UUID, description: 'The id of the event, which is the header `webhook-id` too.' },
        organization: {
          ...nullable({
            type: 'object',
            required: ['id', 'slug', 'externalId'],
            additionalProperties: false,
            properties: { id: UUID, slug: { type: 'string' }, externalId: { type: ['string', 'null'] } },
          }),
          description: 'Null for events of the operator.',
        },
        actor: {
          type: 'object',
          required: ['type', 'id'],
          additionalProperties: false,
          properties: { type: { enum: ['user', 'api_key', 'system'] }, id: nullable(UUID) },
        },
        subject: {
          type: 'object',
          required: ['type', 'id'],
          additionalProperties: false,
          properties: { type: { type: 'string' }, id: { type: 'string' } },
        },
        before: FIELDS('The changed fields before the change.'),
        after: FIELDS('The changed fields after the change.'),
      },
    },
  },
});

/** All types of events that are delivered, in the order of the code, and the test. */
export const EVENT_CATALOGUE: readonly EventTypeView[] = [
  ...EVENT_TYPES.map((type) => ({ type, description: EVENT_DESCRIPTIONS[type], schema: schemaOf(type) })),
  { type: 'webhook.test', description: 'A test of a webhook, which no event caused', schema: schemaOf('webhook.test') },
];
