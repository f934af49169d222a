import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorApiKeyController } from './api-keys/operator-api-key.controller.js';
import { OperatorApiKeyService } from './api-keys/operator-api-key.service.js';
import { OperatorApiKeyStore } from './api-keys/operator-api-key.store.js';
import { OperatorService } from './operator.service.js';
import { OperatorStore } from './operator.store.js';

/** The files of this folder come below `api-keys/`, except for this file. */
@Module({
  imports: [EventModule],
  controllers: [OperatorApiKeyController],
  providers: [OperatorService, OperatorStore, OperatorApiKeyService, OperatorApiKeyStore],
  exports: [OperatorService, OperatorApiKeyService],
})
export class OperatorModule {}
