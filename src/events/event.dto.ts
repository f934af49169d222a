import { IntersectionType } from '@nestjs/swagger';
import { ACTOR_TYPES } from '../common/access/index.js';
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

  @UuidField({ optional: true, description: 'Who did it: a person or an API key.' })
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

export class EventQuery extends IntersectionType(EventFilter, PageQuery) {
  @EnumField(SORTS, { optional: true, default: '-occurredAt' })
  sort?: (typeof SORTS)[number];
}

export class EventExportQuery extends EventFilter {
  @EnumField(FORMATS, { optional: true, default: 'ndjson' })
  format?: (typeof FORMATS)[number];
}

class EventActorView {
  @EnumField(ACTOR_TYPES)
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
