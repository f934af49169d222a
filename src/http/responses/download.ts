import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Options } from 'csv-stringify';
import { stringify } from 'csv-stringify/sync';
import { commonErrors } from '../../common/errors/index.js';
import { Turns } from '../../common/workers/index.js';

/** Rows that are converted at once, which takes some milliseconds. */
const SLICE = 100;
/** Streams of one owner, and of all, that one server sends at once. Each keeps up to a batch of rows in memory. */
const MAX_OF_OWNER = 4;
const MAX_OF_ALL = 100;
const RETRY_SECONDS = 10;

const turns = new Turns();
/** Streams under way, by the organization or operator whose rows they send. */
const underway = new Map<string, number>();

const attached = (name: string): string => `attachment; filename="${name}"`;

interface Download {
  name: string;
  /** The id of the organization or operator whose rows it contains. */
  owner: string;
}

/** Converts rows slice by slice, so that downloads leave time for other requests. */
async function* textOf<Row>(
  rows: AsyncIterable<Row>,
  write: (slice: Row[], isFirst: boolean) => string,
): AsyncGenerator<string> {
  let slice: Row[] = [];
  let isFirst = true;
  const text = () => turns.run(() => write(slice, isFirst));
  for await (const row of rows) {
    slice.push(row);
    if (slice.length < SLICE) continue;
    yield await text();
    [slice, isFirst] = [[], false];
  }
  if (slice.length > 0 || isFirst) yield await text();
}

/** Streams text. Throws `rate_limited` if too many downloads are under way. It ends when the client disconnects. */
function streamOf(chunks: AsyncIterable<string>, owner: string): Readable {
  const ofOwner = underway.get(owner) ?? 0;
  const ofAll = [...underway.values()].reduce((sum, count) => sum + count, 0);
  if (ofOwner >= MAX_OF_OWNER || ofAll >= MAX_OF_ALL) {
    const detail = 'Too many downloads are under way. Wait until one has ended.';
    throw commonErrors.rate_limited({ detail, retryAfterSeconds: RETRY_SECONDS });
  }
  underway.set(owner, ofOwner + 1);
  const stream = Readable.from(chunks, { highWaterMark: 1 });
  return stream.once('close', () => {
    const left = (underway.get(owner) ?? 1) - 1;
    if (left > 0) underway.set(owner, left);
    else underway.delete(owner);
  });
}

/** Streams one JSON document per line. */
export const ndjsonFile = (rows: AsyncIterable<unknown>, { name, owner }: Download): StreamableFile => {
  const text = textOf(rows, (slice) => slice.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return new StreamableFile(streamOf(text, owner), {
    type: 'application/x-ndjson',
    disposition: attached(`${name}.ndjson`),
  });
};

/**
 * Streams a CSV table. It starts with a byte order mark, without which Excel reads it in another encoding. Escapes cells that
 * a spreadsheet would run as formulas, except those of `numbers`, where a minus sign is harmless.
 */
export function csvFile(
  rows: AsyncIterable<object>,
  columns: readonly string[],
  { name, owner }: Download,
  numbers: readonly string[] = [],
): StreamableFile {
  const options: Options = {
    columns: [...columns],
    escape_formulas: true,
    cast: {
      string: (value, { column }) =>
        typeof column === 'string' && numbers.includes(column) ? { value, escape_formulas: false } : value,
    },
  };
  const text = textOf(rows, (slice, isFirst) => stringify(slice, { ...options, bom: isFirst, header: isFirst }));
  return new StreamableFile(streamOf(text, owner), {
    type: 'text/csv; charset=utf-8',
    disposition: attached(`${name}.csv`),
  });
}

export const pdfFile = (bytes: Buffer, name: string): StreamableFile =>
  new StreamableFile(bytes, { type: 'application/pdf', disposition: attached(`${name}.pdf`), length: bytes.length });
