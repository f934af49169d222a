export type { MailMessage } from './mail.message.js';
export { MailModule } from './mail.module.js';
export { Mails } from './mail.service.js';
