export { DevInboxAccessService } from './dev-inbox/dev-inbox-access.service.js';
export { MailModule } from './mail.module.js';
export { MailOutbox } from './outbox/mail-outbox.service.js';
export type { AccountChange, MailTemplate, MailTemplates } from './templates/index.js';
