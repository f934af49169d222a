import type { StreamableFile } from '@nestjs/common';
import { csvFile, ndjsonFile } from '../http/index.js';
import type { EventView } from './event.dto.js';

const COLUMNS = [
  'seq',
  'id',
  'occurredAt',
  'type',
  'actorType',
  'actorId',
  'subjectType',
  'subjectId',
  'before',
  'after',
  'requestId',
  'ip',
  'hash',
];

const toRow = ({ actor, subject, before, after, ...event }: EventView) => ({
  ...event,
  actorType: actor.type,
  actorId: actor.id,
  subjectType: subject.type,
  subjectId: subject.id,
  before: before && JSON.stringify(before),
  after: after && JSON.stringify(after),
});

async function* rows(events: AsyncIterable<EventView>) {
  for await (const event of events) yield toRow(event);
}

/** Streams events as a download. */
export function exportFile(events: AsyncIterable<EventView>, format: 'csv' | 'ndjson', owner: string): StreamableFile {
  const file = { name: 'events', owner };
  return format === 'ndjson' ? ndjsonFile(events, file) : csvFile(rows(events), COLUMNS, file);
}
