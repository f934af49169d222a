import { Module } from '@nestjs/common';
import { OperatorEventController, OrganizationEventController } from './event.controller.js';
import { EventAnchorJob } from './event-anchor.job.js';
import { EventChainStartService } from './event-chain-start.service.js';
import { EventSigner } from './event-signer.js';
import { EventVerificationService } from './event-verification.service.js';
import { EventService } from './event.service.js';
import { EventStore } from './event.store.js';

@Module({
  controllers: [OrganizationEventController, OperatorEventController],
  providers: [EventService, EventStore, EventSigner, EventChainStartService, EventVerificationService, EventAnchorJob],
  exports: [EventService, EventChainStartService, EventVerificationService, EventAnchorJob],
})
export class EventModule {}
