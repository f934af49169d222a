import type { MailTemplate, NewMail } from '../../mail/index.js';
import { accountLetters } from './account.letters.js';
import { entryLetters } from './entry.letters.js';
import type { Letter, LetterNames, Letters } from './letter.js';
import { organizationLetters } from './organization.letters.js';

export type { Letter, LetterNames } from './letter.js';

const LETTERS: Letters<MailTemplate> = { ...accountLetters, ...entryLetters, ...organizationLetters };

/** What a mail says. Throws for a template that only a newer server knows: one of those will send it. */
export function letterOf({ template, data }: NewMail, names: LetterNames): Letter {
  const write = LETTERS[template] as ((data: NewMail['data'], names: LetterNames) => Letter) | undefined;
  if (!write) throw new Error(`this version knows no mail ${template}`);
  return write(data, names);
}
