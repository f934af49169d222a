import { Module } from '@nestjs/common';
import { Config } from '../common/config/index.js';
import { BrandingModule } from '../settings/index.js';
import { DevInboxAccessService } from './dev-inbox/dev-inbox-access.service.js';
import { DevInboxController } from './dev-inbox/dev-inbox.controller.js';
import { DevInboxService } from './dev-inbox/dev-inbox.service.js';
import { MailDeliveryJob } from './outbox/mail-delivery.job.js';
import { MailMetrics } from './outbox/mail.metrics.js';
import { MailOutbox } from './outbox/mail-outbox.service.js';
import { MailStore } from './outbox/mail.store.js';
import { MailRenderer } from './render/mail-renderer.service.js';
import { SenderStore } from './render/sender.store.js';
import { FolderTransport, MailTransport, SmtpTransport } from './transport/mail.transport.js';

@Module({
  imports: [BrandingModule],
  controllers: [DevInboxController],
  providers: [
    DevInboxAccessService,
    DevInboxService,
    MailDeliveryJob,
    MailMetrics,
    MailOutbox,
    MailRenderer,
    MailStore,
    SenderStore,
    {
      provide: MailTransport,
      inject: [Config],
      useFactory: (config: Config) => (config.smtpUrl ? new SmtpTransport(config) : new FolderTransport(config)),
    },
  ],
  exports: [MailOutbox, DevInboxAccessService],
})
export class MailModule {}
