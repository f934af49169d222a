import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { UnitModule } from '../units/index.js';
import { VariableModule } from '../variables/index.js';
import { OperatorContentController, OperatorTemplateController } from './publishing/content.controller.js';
import { ContentService } from './publishing/content.service.js';
import { ContentStore } from './publishing/content.store.js';
import { DeliveryService } from './publishing/delivery.service.js';
import { ContentPublicationJob } from './publishing/publication.job.js';
import { PublicationService } from './publishing/publication.service.js';
import { PublicationStore } from './publishing/publication.store.js';
import { AdoptionService } from './receiving/adoption.service.js';
import {
  OrganizationContentController,
  OrganizationTemplateController,
  UnitContentController,
  UnitTemplateController,
} from './receiving/received-content.controller.js';
import { ReceivedContentService } from './receiving/received-content.service.js';
import { ReceivedContentStore } from './receiving/received-content.store.js';
import { TemplateRenderingService } from './receiving/template-rendering.service.js';
import { ContentRenderer } from './rendering/content-renderer.service.js';

@Module({
  imports: [EventModule, OperatorModule, OrganizationModule, UnitModule, VariableModule],
  controllers: [
    OperatorTemplateController,
    OperatorContentController,
    OrganizationTemplateController,
    OrganizationContentController,
    UnitTemplateController,
    UnitContentController,
  ],
  providers: [
    ContentService,
    ContentStore,
    PublicationService,
    PublicationStore,
    DeliveryService,
    ContentPublicationJob,
    ReceivedContentService,
    ReceivedContentStore,
    AdoptionService,
    TemplateRenderingService,
    ContentRenderer,
  ],
  exports: [ContentService, DeliveryService, PublicationService],
})
export class ContentModule {}
