import { toCredits, toMicro } from '../../common/money/index.js';
import type { EntryView } from '../ledger/index.js';
import { dayAt } from '../../common/calendar/index.js';
import type { StatementStart } from './report.dto.js';

export const ENTRY_COLUMNS = [
  'seq',
  'createdAt',
  'type',
  'kind',
  'available',
  'held',
  'consumed',
  'balance',
  'heldAfter',
  'unitId',
  'memberId',
  'apiKeyId',
  'reference',
  'sourceId',
  'id',
  'day',
  'timeZone',
] as const;

/** Columns with amounts, which can be negative. */
export const AMOUNT_COLUMNS = ['available', 'held', 'consumed', 'balance', 'heldAfter'] as const;

type Row = Partial<Record<(typeof ENTRY_COLUMNS)[number], string | null>>;

function toRow({ postings, held, balance, ...entry }: EntryView, timeZone: string): Row {
  const of = (account: string) => postings.find((posting) => posting.account === account)?.amount ?? '0';
  return {
    ...entry,
    available: of('available'),
    held: of('held'),
    consumed: of('consumed'),
    balance,
    heldAfter: held,
    day: dayAt(Date.parse(entry.createdAt), timeZone),
    timeZone,
  };
}

export async function* entryRows(entries: AsyncIterable<EntryView>, timeZone: string): AsyncGenerator<Row> {
  for await (const entry of entries) yield toRow(entry, timeZone);
}

/** Yields the opening balance, every entry and the closing balance, which is the sum of the yielded rows. */
export async function* statementRows(
  { from, to, timeZone, opening }: StatementStart,
  entries: AsyncIterable<EntryView>,
): AsyncGenerator<Row> {
  let [available, held] = [toMicro(opening.available), toMicro(opening.held)];
  const balance = (at: number) => ({
    balance: toCredits(available),
    heldAfter: toCredits(held),
    day: dayAt(at, timeZone),
    timeZone,
  });
  yield { createdAt: from, type: 'opening', ...balance(Date.parse(from)) };
  for await (const row of entryRows(entries, timeZone)) {
    available += toMicro(row.available ?? '0');
    held += toMicro(row.held ?? '0');
    yield row;
  }
  yield { createdAt: to, type: 'closing', ...balance(Date.parse(to) - 1) };
}
