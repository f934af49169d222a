import { defineErrors } from '../../common/errors/index.js';

export const idempotencyErrors = defineErrors('idempotency', {
  invalid_key: ['invalid', 'An Idempotency-Key must have 1 to 255 printable ASCII characters.'],
  mismatch: ['unprocessable', 'This Idempotency-Key was already sent with another request. Use a new key.'],
  secret_already_shown: [
    'conflict',
    'The request with this Idempotency-Key took effect, and its secret was shown once. If you do not have it, create another one.',
  ],
  in_progress: [
    'conflict',
    'The request with this Idempotency-Key is still running or was interrupted. Check whether it took effect.',
  ],
});
