import { defineErrors } from '../../../common/errors/index.js';

export const clientErrors = defineErrors('clients', {
  not_found: ['not_found', 'The client does not exist.'],
  audience_taken: [
    'conflict',
    'This audience is taken by another client of the operator or by Trellis itself. Choose another one.',
  ],
  limit_reached: ['conflict', 'An operator can have at most 100 clients. Remove one first.'],
});
