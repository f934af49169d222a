import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { IdempotentResponseStore } from './idempotent-response.store.js';
import { IdempotencyGuard } from './idempotency.guard.js';
import { IdempotencyCleanupJob } from './idempotency-cleanup.job.js';
import { IdempotencyStore } from './idempotency.store.js';

/** Must be imported after the module that decides access, because keys belong to callers. */
@Module({
  providers: [
    IdempotencyStore,
    IdempotencyCleanupJob,
    IdempotentResponseStore,
    { provide: APP_GUARD, useClass: IdempotencyGuard },
  ],
})
export class IdempotencyModule {}
