import { pipeline, Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';

const attached = (name: string): string => `attachment; filename="${name}"`;

async function* lines(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** One JSON document a line, made while it is sent. */
export const ndjsonFile = (rows: AsyncIterable<unknown>, name: string): StreamableFile =>
  new StreamableFile(Readable.from(lines(rows)), {
    type: 'application/x-ndjson',
    disposition: attached(`${name}.ndjson`),
  });

/**
 * A table, made while it is sent. Cells that a spreadsheet would run as formulas are defused, but not those of `numbers`, whose minus makes
 * no formula of them.
 */
export function csvFile(
  rows: AsyncIterable<object>,
  columns: readonly string[],
  name: string,
  numbers: readonly string[] = [],
): StreamableFile {
  const csv = stringify({
    header: true,
    columns: [...columns],
    escape_formulas: true,
    cast: {
      string: (value, { column }) =>
        typeof column === 'string' && numbers.includes(column) ? { value, escape_formulas: false } : value,
    },
  });
  // Ends the source with the receiver too, who may go away at any time; errors reach him through `csv`.
  pipeline(Readable.from(rows), csv, () => undefined);
  return new StreamableFile(csv, { type: 'text/csv; charset=utf-8', disposition: attached(`${name}.csv`) });
}

export const pdfFile = (bytes: Buffer, name: string): StreamableFile =>
  new StreamableFile(bytes, { type: 'application/pdf', disposition: attached(`${name}.pdf`), length: bytes.length });
