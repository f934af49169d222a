import { Module } from '@nestjs/common';
import { Config } from '../common/config/index.js';
import { SecretBox } from '../common/crypto/index.js';
import { Database } from '../common/database/index.js';
import { Mails } from './mail.service.js';
import { MailStore } from './mail.store.js';
import { FolderTransport, SmtpTransport } from './mail.transport.js';

@Module({
  providers: [
    MailStore,
    {
      provide: Mails,
      inject: [Database, MailStore, SecretBox, Config],
      useFactory: (db: Database, store: MailStore, secrets: SecretBox, config: Config) =>
        new Mails(db, store, secrets, config.smtpUrl ? new SmtpTransport(config) : new FolderTransport(config)),
    },
  ],
  exports: [Mails],
})
export class MailModule {}
