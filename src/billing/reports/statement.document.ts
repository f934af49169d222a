import type { BrandingValues } from '../../settings/index.js';
import type { DocumentContent } from '../../common/documents/index.js';
import { dayAt } from '../../common/calendar/index.js';
import type { StatementLineView, StatementView } from './report.dto.js';

const NAMES: Record<string, string> = {
  grant: 'Credits added',
  charge: 'Charges',
  hold: 'Held',
  capture: 'Charged from holds',
  void: 'Released holds',
  hold_expiry: 'Expired holds',
  refund: 'Refunds',
  lot_expiry: 'Expired credits',
  adjustment: 'Corrections',
};

const nameOf = ({ type, kind }: StatementLineView): string => {
  const name = NAMES[type] ?? type.replaceAll('_', ' ');
  return kind === null || kind === type ? name : `${name}: ${kind}`;
};

/** Creates the document of a statement. */
export function statementDocument(
  statement: StatementView,
  { organization, branding }: { organization: string; branding: BrandingValues },
): DocumentContent {
  const { month, from, to, timeZone, opening, closing, lines } = statement;
  return {
    issuer: branding.displayName,
    color: branding.primaryColor,
    title: `Statement ${month}`,
    facts: [
      ['Organization', organization],
      ['Period', `${dayAt(Date.parse(from), timeZone)} to ${dayAt(Date.parse(to) - 1, timeZone)} (${timeZone})`],
      ['Charged', `${statement.charged} credits`],
      ['Refunded', `${statement.refunded} credits`],
      ...(statement.complete ? [] : [['State', 'Preliminary, because the month is not over yet'] as const]),
    ],
    tables: [
      {
        head: ['', { number: 'Entries' }, { number: 'Available' }, { number: 'Held' }],
        widths: [46, 14, 20, 20],
        rows: [
          ['Opening balance', '', { number: opening.available }, { number: opening.held }],
          ...lines.map((line) => [
            nameOf(line),
            { number: String(line.entries) },
            { number: line.available },
            { number: line.held },
          ]),
        ],
        foot: [['Closing balance', '', { number: closing.available }, { number: closing.held }]],
      },
    ],
    note: 'All amounts are credits. The opening balance and the lines add up to the closing balance. The CSV version of this statement lists every ledger entry.',
  };
}
