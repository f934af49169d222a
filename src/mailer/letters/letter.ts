import type { MailTemplate, MailTemplates } from '../../mail/index.js';

/**
 * What one mail says, without its looks. All of it is plain text, in which nothing becomes a link: the one link is that of
 * `action`.
 */
export interface Letter {
  subject: string;
  /** What mail programs show beside the subject in their list. */
  preview: string;
  title: string;
  /** Paragraphs. */
  text: string[];
  /** What a person wrote; it is shown as his words and not as ours. */
  quote?: { by: string; text: string };
  /** The button. */
  action?: { label: string; link: string };
  /** Below the button, smaller: how long it works, and what to do if one did not ask for it. */
  notes?: string[];
}

/** Names that a letter may call things by, as they are when it leaves. */
export interface LetterNames {
  /** How the operator shows itself. */
  operator: string;
}

export type Letters<T extends MailTemplate> = {
  [K in T]: (data: MailTemplates[K], names: LetterNames) => Letter;
};
