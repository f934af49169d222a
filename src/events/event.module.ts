import { Global, Module } from '@nestjs/common';
import { JobFailures } from '../common/schedule/index.js';
import { OperatorEventController, OrganizationEventController } from './event.controller.js';
import { EventAnchorJob } from './event-anchor.job.js';
import { EventChainStartService } from './event-chain-start.service.js';
import { EventSigner } from './event-signer.js';
import { EventVerificationService } from './event-verification.service.js';
import { EventService } from './event.service.js';
import { EventStore } from './event.store.js';
import { JobFailureService } from './job-failure.service.js';

// Jobs of all modules report their failures here.
@Global()
@Module({
  controllers: [OrganizationEventController, OperatorEventController],
  providers: [
    EventService,
    EventStore,
    EventSigner,
    EventChainStartService,
    EventVerificationService,
    EventAnchorJob,
    { provide: JobFailures, useClass: JobFailureService },
  ],
  exports: [JobFailures, EventService, EventChainStartService, EventVerificationService, EventAnchorJob],
})
export class EventModule {}
