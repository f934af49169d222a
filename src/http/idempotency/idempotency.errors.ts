import { defineErrors } from '../../common/errors/index.js';

export const idempotencyErrors = defineErrors('idempotency', {
  invalid_key: ['invalid', 'An Idempotency-Key has 1 to 255 printable ASCII characters.'],
  mismatch: ['unprocessable', 'This Idempotency-Key was sent with another request.'],
  in_progress: [
    'conflict',
    'The request with this Idempotency-Key is still running, or was cut short: look whether it took effect.',
  ],
});
