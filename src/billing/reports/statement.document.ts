import type { BrandingValues } from '../../settings/index.js';
import type { DocumentContent } from '../../common/documents/index.js';
import { toCredits, toMicro } from '../../common/money/index.js';
import { dayAt } from '../../common/calendar/index.js';
import type { EntryType } from '../ledger/index.js';
import { partyOf, type PartyView } from '../parties/index.js';
import { WITH_KIND } from './statement-lines.js';
import type { StatementLineView, StatementView } from './report.dto.js';

const NAMES: Record<EntryType, string> = {
  grant: 'Credits added',
  charge: 'Charges',
  hold: 'Held',
  capture: 'Charged from holds',
  void: 'Released holds',
  hold_expiry: 'Expired holds',
  refund: 'Refunds',
  lot_expiry: 'Expired credits',
  adjustment: 'Corrections',
  grant_void: 'Grants taken back',
  dispute: 'Frozen during a dispute',
  dispute_release: 'Released after a dispute',
  claw_back: 'Taken back after a refund or lost dispute',
  claw_back_release: 'Given back after a failed refund or won dispute',
  settlement: 'Settled what was owed',
};

const GRANT_NAMES: Record<string, string> = {
  paid: 'Credits bought',
  plan: 'Credits of the plan',
  promo: 'Credits granted',
};

/** A statement of more lines sums them up by month. If there are still more, the rest is one line. */
const MAX_LINES = 1_000;

function nameOf({ type, kind }: StatementLineView): string {
  if (type === 'grant') return GRANT_NAMES[kind ?? ''] ?? NAMES.grant;
  if (kind === null && WITH_KIND.has(type)) return `${NAMES[type]}: other kinds`;
  return kind === null || kind === type ? NAMES[type] : `${NAMES[type]}: ${kind}`;
}

type Line = StatementLineView & { day?: string };

/** Sums the lines that a document has no room for, so that it still adds up. */
function restRow(lines: readonly Line[]) {
  const sum = (column: 'available' | 'held') => toCredits(lines.reduce((all, line) => all + toMicro(line[column]), 0n));
  const entries = lines.reduce((all, line) => all + line.entries, 0);
  return [
    '',
    `${lines.length} more kinds`,
    { number: String(entries) },
    { number: sum('available') },
    { number: sum('held') },
  ];
}

export interface StatementParties {
  organization: string;
  branding: BrandingValues;
  seller: PartyView;
  buyer: PartyView;
}

/** Creates the document of a statement. */
export function statementDocument(
  statement: StatementView,
  { organization, branding, seller, buyer }: StatementParties,
): DocumentContent {
  const { month, from, to, timeZone, opening, closing } = statement;
  const lines: Line[] = statement.days.length <= MAX_LINES ? statement.days : statement.lines;
  const rest = lines.slice(MAX_LINES);
  return {
    issuer: branding.displayName,
    color: branding.primaryColor,
    title: `Statement ${month}`,
    parties: [partyOf('Seller', branding.displayName, seller), partyOf('For', organization, buyer)],
    facts: [
      ['Organization', organization],
      ['Period', `${dayAt(Date.parse(from), timeZone)} to ${dayAt(Date.parse(to) - 1, timeZone)} (${timeZone})`],
      ['Charged', `${statement.charged} credits`],
      ['Refunded', `${statement.refunded} credits`],
      ...(statement.complete ? [] : [['State', 'Preliminary, because the month is not over yet'] as const]),
    ],
    tables: [
      {
        head: ['Day', '', { number: 'Entries' }, { number: 'Available' }, { number: 'Held' }],
        widths: [15, 42, 11, 18, 16],
        rows: [
          ['', 'Opening balance', '', { number: opening.available }, { number: opening.held }],
          ...lines
            .slice(0, MAX_LINES)
            .map((line) => [
              line.day ?? '',
              nameOf(line),
              { number: String(line.entries) },
              { number: line.available },
              { number: line.held },
            ]),
          ...(rest.length > 0 ? [restRow(rest)] : []),
        ],
        foot: [['', 'Closing balance', '', { number: closing.available }, { number: closing.held }]],
      },
    ],
    note: 'All amounts are credits. The opening balance and the lines add up to the closing balance. The CSV version of this statement lists every ledger entry.',
  };
}
