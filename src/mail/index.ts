export { MailModule } from './mail.module.js';
export { type MailDelivery, Mails } from './mail.service.js';
export type { AccountChange, MailTemplate, MailTemplates, NewMail, Recipient } from './mail.templates.js';
