import type { MovementRow } from './report.store.js';
import { statementDocument } from './statement.document.js';
import { statementDays, statementLines } from './statement-lines.js';

const movement = (day: string, type: string, kind: string, available: number, entries = 1) =>
  ({
    day,
    type,
    kind,
    entries: String(entries),
    available: String(available * 1_000_000),
    held: '0',
    consumed: '0',
  }) as MovementRow;

const MOVEMENTS = [
  movement('2026-11-02', 'charge', 'gpu', -3),
  movement('2026-11-02', 'dispute', 'dispute', -100),
  movement('2026-11-02', 'grant', 'paid', 100),
  movement('2026-11-09', 'charge', 'gpu', -4, 2),
  movement('2026-11-09', 'grant', 'promo', 5),
  movement('2026-11-03', 'charge', 'cpu', -1),
];

it('lists days in order, and credits before what is done with them', () => {
  expect(
    statementDays(MOVEMENTS).map(({ day, type, kind, available }) => [day.slice(-2), type, kind, available]),
  ).toEqual([
    ['02', 'grant', 'paid', '100'],
    ['02', 'charge', 'gpu', '-3'],
    ['02', 'dispute', 'dispute', '-100'],
    ['03', 'charge', 'cpu', '-1'],
    ['09', 'grant', 'promo', '5'],
    ['09', 'charge', 'gpu', '-4'],
  ]);
});

it('sums each type, and each kind of usage, over the month', () => {
  expect(statementLines(MOVEMENTS)).toEqual([
    { type: 'grant', kind: null, entries: 2, available: '105', held: '0' },
    { type: 'charge', kind: 'gpu', entries: 3, available: '-7', held: '0' },
    { type: 'dispute', kind: null, entries: 1, available: '-100', held: '0' },
    { type: 'charge', kind: 'cpu', entries: 1, available: '-1', held: '0' },
  ]);
});

it('prints at most a thousand lines, and the rest in one, so that the document adds up', () => {
  const many = Array.from({ length: 1500 }, (_, index) => movement('2026-11-02', 'charge', `kind-${index}`, -1));
  const { lines, days } = { lines: statementLines(many), days: statementDays(many) };
  const balance = { available: '0', held: '0' };
  const month = { month: '2026-11', from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', timeZone: 'UTC' };
  const statement = {
    ...month,
    complete: true,
    opening: balance,
    closing: balance,
    charged: '0',
    refunded: '0',
    lines,
    days,
  };
  const branding = { displayName: 'Demo', primaryColor: '#000000' } as never;
  const unnamed = { legalName: null, address: null, taxId: null, email: null };
  const named = { organization: 'One', branding, seller: unnamed, buyer: unnamed };
  const rows = statementDocument(statement, named).tables[0]?.rows ?? [];
  expect(rows).toHaveLength(1002);
  expect(rows.at(-1)).toEqual(['', '500 more kinds', { number: '500' }, { number: '-500' }, { number: '0' }]);
});
