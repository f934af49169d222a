import { IntersectionType } from '@nestjs/swagger';
import { commonErrors } from '../common/errors/index.js';
import { PageQuery } from '../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  IntegerField,
  JsonField,
  ObjectField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import { EVENT_TYPES, type EventType } from './event-types.js';
import type { EventRow } from './event.store.js';

const SORTS = ['occurredAt', '-occurredAt'] as const;
const FORMATS = ['csv', 'ndjson'] as const;

/** What the log can be narrowed down by. */
export class EventFilter {
  @EnumField(EVENT_TYPES, { optional: true, name: 'EventType' })
  type?: EventType;

  @UuidField({ optional: true, description: 'Who did it.' })
  actorId?: string;

  @TextField({ max: 50, optional: true, example: 'unit' })
  subjectType?: string;

  @TextField({ max: 100, optional: true, description: 'What it was done to.' })
  subjectId?: string;

  @DateTimeField({ optional: true, description: 'Not before.' })
  from?: string;

  @DateTimeField({ optional: true, description: 'Before.' })
  to?: string;
}

/**
 * The moment a filter names; UTC where it names no zone. ISO 8601 has forms that neither we nor the database read, such
 * as weeks. Throws validation_failed.
 */
export function instantOf(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const local = /T[^Z+-]*$/i.test(text);
  const instant = new Date(local ? `${text}Z` : text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(instant.getTime())) {
    throw commonErrors.validation_failed({
      errors: [{ field, message: `${field} must be a time such as 2026-01-31T00:00:00Z` }],
    });
  }
  return instant;
}

export class EventQuery extends IntersectionType(EventFilter, PageQuery) {
  @EnumField(SORTS, { optional: true, default: '-occurredAt' })
  sort?: (typeof SORTS)[number];
}

export class EventExportQuery extends EventFilter {
  @EnumField(FORMATS, { optional: true, default: 'ndjson' })
  format?: (typeof FORMATS)[number];
}

class EventActorView {
  @EnumField(['user', 'system'])
  type: string;

  @UuidField({ nullable: true })
  id: string | null;
}

class EventSubjectView {
  @TextField({ example: 'organization' })
  type: string;

  @TextField()
  id: string;
}

export class EventView {
  @UuidField()
  id: string;

  @IntegerField({ min: 1, max: Number.MAX_SAFE_INTEGER, description: 'Number within this log, without gaps.' })
  seq: number;

  @EnumField(EVENT_TYPES, { name: 'EventType' })
  type: string;

  @DateTimeField()
  occurredAt: string;

  @ObjectField(() => EventActorView)
  actor: EventActorView;

  @ObjectField(() => EventSubjectView)
  subject: EventSubjectView;

  @JsonField({ nullable: true, description: 'The changed fields as they were.' })
  before: Record<string, unknown> | null;

  @JsonField({ nullable: true, description: 'The changed fields as they became.' })
  after: Record<string, unknown> | null;

  @TextField()
  requestId: string;

  @TextField({ nullable: true })
  ip: string | null;

  @TextField({ description: 'SHA-256 over the hash of the event before and this one.' })
  hash: string;
}

export class ChainView {
  @BooleanField({ description: 'True when every event is as it was written and none is missing.' })
  valid: boolean;

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER })
  events: number;

  @IntegerField({
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    nullable: true,
    description: 'Number of the first event that does not fit.',
  })
  firstInvalidSeq: number | null;

  @TextField({ description: 'Hash of the last event. Keep it elsewhere to prove later that nothing was rewritten.' })
  head: string;
}

export const toEventView = (row: EventRow): EventView => ({
  id: row.id,
  seq: Number(row.seq),
  type: row.type,
  occurredAt: row.occurredAt.toISOString(),
  actor: { type: row.actorType, id: row.actorId },
  subject: { type: row.subjectType, id: row.subjectId },
  before: row.before,
  after: row.after,
  requestId: row.requestId,
  ip: row.ip,
  hash: row.hash,
});
