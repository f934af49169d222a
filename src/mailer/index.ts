export { MailerModule } from './mailer.module.js';
