import { IntersectionType } from '@nestjs/swagger';
import { ACTOR_TYPES } from '../common/access/index.js';
import { PageOf, PageQuery } from '../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  DayOrTimeField,
  EnumField,
  IntegerField,
  JsonField,
  ObjectField,
  QueryBooleanField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import { EVENT_TYPES, type EventType } from './event-types.js';
import type { EventRow } from './event.entity.js';

const SORTS = ['occurredAt', '-occurredAt'] as const;
const FORMATS = ['csv', 'ndjson'] as const;

/** Filters of the event log. */
export class EventFilter {
  @EnumField(EVENT_TYPES, { optional: true, name: 'EventType' })
  type?: EventType;

  @UuidField({ optional: true, description: 'Id of the user or API key that made the change.' })
  actorId?: string;

  @TextField({ max: 50, optional: true, example: 'unit' })
  subjectType?: string;

  @TextField({ max: 100, optional: true, description: 'Id of the changed resource.' })
  subjectId?: string;

  @DayOrTimeField({
    optional: true,
    description: 'Only events at or after this time, or from the start of this day in the time zone of the operator.',
  })
  from?: string;

  @DayOrTimeField({
    optional: true,
    description: 'Only events before this time, or to the end of this day in the time zone of the operator.',
  })
  to?: string;
}

export class EventQuery extends IntersectionType(EventFilter, PageQuery) {
  @EnumField(SORTS, { optional: true, default: '-occurredAt' })
  sort?: (typeof SORTS)[number];

  @UuidField({ optional: true, description: 'Only the event with this id.' })
  id?: string;

  @QueryBooleanField({ description: 'Adds `names`.' })
  names?: boolean;
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

  @TextField({ optional: true, description: 'The current name of an API key. Only of API keys.' })
  name?: string;
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

  @IntegerField({ min: 1, max: Number.MAX_SAFE_INTEGER, description: 'Sequence number in this log, without gaps.' })
  seq: number;

  @EnumField(EVENT_TYPES, { name: 'EventType' })
  type: string;

  @DateTimeField()
  occurredAt: string;

  @ObjectField(() => EventActorView)
  actor: EventActorView;

  @ObjectField(() => EventSubjectView)
  subject: EventSubjectView;

  @JsonField({ nullable: true, description: 'The changed fields before the change.' })
  before: Record<string, unknown> | null;

  @JsonField({ nullable: true, description: 'The changed fields after the change.' })
  after: Record<string, unknown> | null;

  @TextField()
  requestId: string;

  @TextField({ nullable: true })
  ip: string | null;

  @TextField({ description: 'SHA-256 over the hash of the previous event and this event.' })
  hash: string;
}

export class EventPage extends PageOf(EventView) {
  @JsonField({
    optional: true,
    example: { '01a22c55-f487-7767-9ddc-07fc46a4f3f0': 'Ada Lovelace' },
    description:
      'Only with `names=true`. Present names of the users, API keys, units and organizations that the events mention, by id. Those that no longer exist are left out. Staff of the operator who never belonged to the organization appear under the name of the operator, except to staff.',
  })
  names?: Record<string, string>;
}

export const CHAIN_PROBLEMS = [
  'event_changed',
  'event_inserted',
  'event_missing',
  'event_not_signed',
  'end_changed',
  'end_cut',
  'start_changed',
  'anchor_changed',
] as const;
export type ChainProblem = (typeof CHAIN_PROBLEMS)[number];

export class ChainView {
  @BooleanField({ description: 'True if no event was changed, inserted or removed.' })
  valid: boolean;

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER })
  events: number;

  @IntegerField({
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    nullable: true,
    description: 'Sequence number of the first event that does not match.',
  })
  firstInvalidSeq: number | null;

  @EnumField(CHAIN_PROBLEMS, {
    nullable: true,
    name: 'ChainProblem',
    description:
      'What does not match. `event_not_signed`: an event that this server did not write. `end_cut`: events after the last anchor are missing, and so are anchored ones.',
  })
  problem: ChainProblem | null;

  @IntegerField({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    nullable: true,
    description: 'Sequence number of the last event whose hash was written to the log of the platform.',
  })
  anchoredSeq: number | null;

  @TextField({ description: 'Hash of the last event. Store it elsewhere to prove later that nothing was rewritten.' })
  head: string;
}

export const toEventView = (row: EventRow): EventView => ({
  id: row.id,
  seq: Number(row.seq),
  type: row.type,
  occurredAt: row.occurredAt.toISOString(),
  actor: { type: row.actorType, id: row.actorId, ...(row.keyName && { name: row.keyName }) },
  subject: { type: row.subjectType, id: row.subjectId },
  before: row.before,
  after: row.after,
  requestId: row.requestId,
  ip: row.ip,
  hash: row.hash,
});
