import { Module } from '@nestjs/common';
import { OperatorEventController, OrganizationEventController } from './event.controller.js';
import { Events } from './event.service.js';
import { EventStore } from './event.store.js';

@Module({
  controllers: [OrganizationEventController, OperatorEventController],
  providers: [Events, EventStore],
  exports: [Events],
})
export class EventModule {}
