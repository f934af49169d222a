import { Module } from '@nestjs/common';
import { Config } from '../common/config/index.js';
import { MailModule } from '../mail/index.js';
import { BrandingModule } from '../settings/index.js';
import { Inbox } from './inbox/inbox.js';
import { InboxController } from './inbox/inbox.controller.js';
import { Mailer } from './mailer.service.js';
import { FolderTransport, MailTransport, SmtpTransport } from './transport/mail.transport.js';

@Module({
  imports: [MailModule, BrandingModule],
  controllers: [InboxController],
  providers: [
    Inbox,
    Mailer,
    {
      provide: MailTransport,
      inject: [Config],
      useFactory: (config: Config) => (config.smtpUrl ? new SmtpTransport(config) : new FolderTransport(config)),
    },
  ],
})
export class MailerModule {}
