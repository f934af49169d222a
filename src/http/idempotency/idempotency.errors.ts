import { defineErrors } from '../../common/errors/index.js';

export const idempotencyErrors = defineErrors('idempotency', {
  invalid_key: ['invalid', 'An Idempotency-Key must have 1 to 255 printable ASCII characters.'],
  mismatch: ['unprocessable', 'This Idempotency-Key was already sent with another request. Use a new key.'],
  in_progress: [
    'conflict',
    'The request with this Idempotency-Key is still running or was interrupted. Check whether it took effect.',
  ],
});
