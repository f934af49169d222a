import { toCredits, toMicro } from '../../common/money/index.js';
import type { EntryView } from '../ledger/index.js';
import type { StatementView } from './report.dto.js';

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
] as const;

/** Columns with amounts, which can be negative. */
export const AMOUNT_COLUMNS = ['available', 'held', 'consumed', 'balance', 'heldAfter'] as const;

type Row = Partial<Record<(typeof ENTRY_COLUMNS)[number], string | null>>;

function toRow({ postings, held, balance, ...entry }: EntryView): Row {
  const of = (account: string) => postings.find((posting) => posting.account === account)?.amount ?? '0';
  return {
    ...entry,
    available: of('available'),
    held: of('held'),
    consumed: of('consumed'),
    balance,
    heldAfter: held,
  };
}

export async function* entryRows(entries: AsyncIterable<EntryView>): AsyncGenerator<Row> {
  for await (const entry of entries) yield toRow(entry);
}

/** Yields the opening balance, every entry and the closing balance, which is the sum of the yielded rows. */
export async function* statementRows(
  { from, to, opening }: Pick<StatementView, 'from' | 'to' | 'opening'>,
  entries: AsyncIterable<EntryView>,
): AsyncGenerator<Row> {
  let [available, held] = [toMicro(opening.available), toMicro(opening.held)];
  const balance = () => ({ balance: toCredits(available), heldAfter: toCredits(held) });
  yield { createdAt: from, type: 'opening', ...balance() };
  for await (const row of entryRows(entries)) {
    available += toMicro(row.available ?? '0');
    held += toMicro(row.held ?? '0');
    yield row;
  }
  yield { createdAt: to, type: 'closing', ...balance() };
}
