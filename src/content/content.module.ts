import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { OperatorContentController, OperatorTemplateController } from './publishing/content.controller.js';
import { ContentService } from './publishing/content.service.js';
import { ContentStore } from './publishing/content.store.js';
import { DeliveryService } from './publishing/delivery.service.js';
import { ContentPublicationJob } from './publishing/publication.job.js';
import { PublicationService } from './publishing/publication.service.js';
import { PublicationStore } from './publishing/publication.store.js';

@Module({
  imports: [EventModule, OperatorModule],
  controllers: [OperatorTemplateController, OperatorContentController],
  providers: [
    ContentService,
    ContentStore,
    PublicationService,
    PublicationStore,
    DeliveryService,
    ContentPublicationJob,
  ],
  exports: [DeliveryService],
})
export class ContentModule {}
