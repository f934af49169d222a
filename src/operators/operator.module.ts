import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorService } from './operator.service.js';
import { OperatorStore } from './operator.store.js';

@Module({
  imports: [EventModule],
  providers: [OperatorService, OperatorStore],
  exports: [OperatorService],
})
export class OperatorModule {}
