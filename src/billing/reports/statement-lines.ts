import { toCredits } from '../../common/money/index.js';
import { ENTRY_TYPES } from '../ledger/index.js';
import type { StatementDayView, StatementLineView } from './report.dto.js';
import type { MovementRow } from './report.store.js';

/** Entry types that have a kind of usage. */
export const WITH_KIND = new Set(['charge', 'capture', 'refund']);

/** Within a day, credits come before what is done with them: a dispute never stands above its grant. */
const rankOf = ({ type }: MovementRow): number => ENTRY_TYPES.indexOf(type);

const inTime = (movements: readonly MovementRow[]): MovementRow[] =>
  movements.toSorted((a, b) => (a.day === b.day ? rankOf(a) - rankOf(b) : a.day < b.day ? -1 : 1));

/** Sums movements that have the same key, in the order in which the keys first occur. */
function sumBy<Line>(
  movements: readonly MovementRow[],
  keyOf: (movement: MovementRow) => string,
  toLine: (first: MovementRow, sums: Omit<StatementLineView, 'type' | 'kind'>) => Line,
): Line[] {
  const groups = new Map<string, MovementRow[]>();
  for (const movement of movements) {
    const group = groups.get(keyOf(movement));
    if (group) group.push(movement);
    else groups.set(keyOf(movement), [movement]);
  }
  return [...groups.values()].flatMap((group) => {
    const sum = (column: 'entries' | 'available' | 'held') => group.reduce((all, row) => all + BigInt(row[column]), 0n);
    const [first] = group;
    if (!first) return [];
    const sums = {
      entries: Number(sum('entries')),
      available: toCredits(sum('available')),
      held: toCredits(sum('held')),
    };
    return [toLine(first, sums)];
  });
}

/** Returns one line for each type, and for each kind of usage, in the order of their first days. */
export function statementLines(movements: readonly MovementRow[]): StatementLineView[] {
  const kindOf = ({ type, kind }: MovementRow) => (WITH_KIND.has(type) ? kind : null);
  return sumBy(
    inTime(movements),
    (row) => `${row.type} ${kindOf(row)}`,
    (first, sums) => ({ type: first.type, kind: kindOf(first), ...sums }),
  );
}

/** Returns one line for each type and kind of each day, days in order. */
export const statementDays = (movements: readonly MovementRow[]): StatementDayView[] =>
  sumBy(
    inTime(movements),
    ({ day, type, kind }) => `${day} ${type} ${kind}`,
    ({ day, type, kind }, sums) => ({ day, type, kind, ...sums }),
  );
