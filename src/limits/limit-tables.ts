import { COUNT_BUDGETS, type CountBudget, RATE_BUDGETS, type RateBudget, variableOf, windowsText } from './budgets.js';

/** Writes the budgets of `RATE_BUDGETS` as a table of docs/operations/limits.md. */
export const rateTable = (): string =>
  table(
    ['variable', 'counts', 'per', 'default', 'over it'],
    Object.entries<RateBudget>(RATE_BUDGETS).map(([name, { what, per, windows, grows, answer }]) => [
      `\`${variableOf(name)}\``,
      what,
      per,
      `\`${windowsText(windows)}\`${grows ? ', doubling' : ''}`,
      answer,
    ]),
  );

/** Writes the budgets of `COUNT_BUDGETS` as a table of docs/operations/limits.md. */
export const countTable = (): string =>
  table(
    ['variable', 'counts', 'default', 'over it'],
    Object.entries<CountBudget>(COUNT_BUDGETS).map(([name, { what, limit, answer }]) => [
      `\`${variableOf(name)}\``,
      what,
      `\`${limit}\``,
      answer,
    ]),
  );

function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(({ length }) => length)),
  );
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
