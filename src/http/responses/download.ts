import { pipeline, Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';

const attached = (name: string): string => `attachment; filename="${name}"`;

async function* lines(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** Streams one JSON document per line. */
export const ndjsonFile = (rows: AsyncIterable<unknown>, name: string): StreamableFile =>
  new StreamableFile(Readable.from(lines(rows)), {
    type: 'application/x-ndjson',
    disposition: attached(`${name}.ndjson`),
  });

/**
 * Streams a CSV table. It starts with a byte order mark, without which Excel reads it in another encoding. Escapes cells that
 * a spreadsheet would run as formulas, except those of `numbers`, where a minus sign is harmless.
 */
export function csvFile(
  rows: AsyncIterable<object>,
  columns: readonly string[],
  name: string,
  numbers: readonly string[] = [],
): StreamableFile {
  const csv = stringify({
    bom: true,
    header: true,
    columns: [...columns],
    escape_formulas: true,
    cast: {
      string: (value, { column }) =>
        typeof column === 'string' && numbers.includes(column) ? { value, escape_formulas: false } : value,
    },
  });
  // Stops the source when the client disconnects. Errors are reported through `csv`.
  pipeline(Readable.from(rows), csv, () => undefined);
  return new StreamableFile(csv, { type: 'text/csv; charset=utf-8', disposition: attached(`${name}.csv`) });
}

export const pdfFile = (bytes: Buffer, name: string): StreamableFile =>
  new StreamableFile(bytes, { type: 'application/pdf', disposition: attached(`${name}.pdf`), length: bytes.length });
