import type { MailTemplate, MailTemplates } from './mail.js';

/** What one mail says. All of it is plain text in which nothing becomes a link, except the link of `action`. */
export interface MailContent {
  subject: string;
  /** What mail programs show beside the subject in their list. */
  preview: string;
  title: string;
  /** Paragraphs. */
  text: string[];
  /** Text that a person typed, shown as a quotation. */
  quote?: { by: string; text: string };
  /** The button. */
  action?: { label: string; link: string };
  /** Small print below the button. */
  notes?: string[];
}

/** Names that are looked up when the mail is sent. */
export interface MailNames {
  /** The display name of the operator. */
  operator: string;
  /** Opens the app or the console of the organization whose branding the mail has, or else of the operator. */
  open: { label: string; link: string };
}

export type Templates<T extends MailTemplate> = {
  [K in T]: (data: MailTemplates[K], names: MailNames) => MailContent;
};
