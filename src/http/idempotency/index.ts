export { IdempotencyModule } from './idempotency.module.js';
export { OwnIdempotency } from './own-idempotency.decorator.js';
