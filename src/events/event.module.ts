import { Module } from '@nestjs/common';
import { OperatorEventController, OrganizationEventController } from './event.controller.js';
import { EventService } from './event.service.js';
import { EventStore } from './event.store.js';

@Module({
  controllers: [OrganizationEventController, OperatorEventController],
  providers: [EventService, EventStore],
  exports: [EventService],
})
export class EventModule {}
