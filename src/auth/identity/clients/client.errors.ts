import { defineErrors } from '../../../common/errors/index.js';

export const clientErrors = defineErrors('clients', {
  not_found: ['not_found', 'There is no such client.'],
  audience_taken: ['conflict', 'Another client of this operator has this audience, or Trellis itself.'],
  limit_reached: ['conflict', 'There are at most 100 clients. Remove one first.'],
});
