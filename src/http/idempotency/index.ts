export { IdempotencyModule } from './idempotency.module.js';
export { ShowsSecret } from './shows-secret.decorator.js';
export { OwnIdempotency } from './own-idempotency.decorator.js';
