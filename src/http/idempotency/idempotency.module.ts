import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AnswerKeeper } from './answer-keeper.js';
import { IdempotencyGuard } from './idempotency.guard.js';
import { IdempotencySchedule } from './idempotency.schedule.js';
import { IdempotencyStore } from './idempotency.store.js';

/** To be imported after what decides access: keys belong to callers. */
@Module({
  providers: [IdempotencyStore, IdempotencySchedule, AnswerKeeper, { provide: APP_GUARD, useClass: IdempotencyGuard }],
})
export class IdempotencyModule {}
