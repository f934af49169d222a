import { Module } from '@nestjs/common';
import { Mails } from './mail.service.js';
import { MailStore } from './mail.store.js';

@Module({
  providers: [Mails, MailStore],
  exports: [Mails],
})
export class MailModule {}
