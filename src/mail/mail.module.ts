import { Module } from '@nestjs/common';
import { MailMetrics } from './mail.metrics.js';
import { Mails } from './mail.service.js';
import { MailStore } from './mail.store.js';

@Module({
  providers: [Mails, MailStore, MailMetrics],
  exports: [Mails],
})
export class MailModule {}
