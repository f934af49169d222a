import { pipeline, Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';
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

async function* lines(events: AsyncIterable<EventView>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}

async function* rows(events: AsyncIterable<EventView>) {
  for await (const event of events) yield toRow(event);
}

/** The events as a download, made while it is sent. Cells that a spreadsheet would run as formulas are defused. */
export function exportFile(events: AsyncIterable<EventView>, format: 'csv' | 'ndjson', name: string): StreamableFile {
  const disposition = `attachment; filename="${name}.${format}"`;
  if (format === 'ndjson') {
    return new StreamableFile(Readable.from(lines(events)), { type: 'application/x-ndjson', disposition });
  }
  const csv = stringify({ header: true, columns: COLUMNS, escape_formulas: true });
  // Ends the source with the receiver too, who may go away at any time; errors reach him through `csv`.
  pipeline(Readable.from(rows(events)), csv, () => undefined);
  return new StreamableFile(csv, { type: 'text/csv; charset=utf-8', disposition });
}
