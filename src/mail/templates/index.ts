import { accountTemplates } from './account.templates.js';
import type { MailTemplate, NewMail } from './mail.js';
import { organizationTemplates } from './organization.templates.js';
import { signInTemplates } from './sign-in.templates.js';
import type { MailContent, MailNames, Templates } from './template.js';

export type { AccountChange, MailTemplate, MemberChange, MailTemplates, NewMail, Recipient } from './mail.js';
export type { MailContent } from './template.js';

const TEMPLATES: Templates<MailTemplate> = { ...accountTemplates, ...signInTemplates, ...organizationTemplates };

/** Mails that carry out what someone asked for, at once. All others are notices. */
const REQUESTED: ReadonlySet<MailTemplate> = new Set<MailTemplate>([
  'verify_email',
  'already_registered',
  'reset_password',
  'reset_password_no_account',
  'magic_link',
  'magic_link_no_account',
  'confirm_email_change',
  'confirm_new_email',
  'new_email_taken',
  'invitation',
  'operator_admin_invitation',
]);

/** Tells whether a mail informs about something that happened. */
export const isNotice = ({ template }: NewMail): boolean => !REQUESTED.has(template);

/** Returns what a mail says. Throws if only a newer server knows the template: one of those will send the mail. */
export function contentOf({ template, data }: NewMail, names: MailNames): MailContent {
  const write = TEMPLATES[template] as ((data: NewMail['data'], names: MailNames) => MailContent) | undefined;
  if (!write) throw new Error(`This version has no mail template ${template}.`);
  return write(data, names);
}
