import type { MailContent } from '../templates/index.js';
import { footerOf, type MailTheme } from './mail-theme.js';
import { unlinked } from './unlinked.js';

/** Marks each line, so that what a person typed does not look like our words. */
const quoted = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => `> ${unlinked(line)}`)
    .join('\n');

/** Renders a mail as plain text, complete without its HTML. */
export function mailText({ text, quote, action, notes = [] }: MailContent, theme: MailTheme): string {
  const parts = [
    'Hello,',
    ...text.map(unlinked),
    ...(quote ? [`${unlinked(quote.by)} writes:`, quoted(quote.text)] : []),
    ...(action ? [`${unlinked(action.label)}:`, action.link] : []),
    ...notes.map(unlinked),
    `-- \n${footerOf(theme).map(unlinked).join('\n')}`,
    ...(theme.unsubscribeLink ? [`Stop these emails:\n${theme.unsubscribeLink}`] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
