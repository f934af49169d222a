import { defineErrors } from '../common/errors/index.js';

export const operatorErrors = defineErrors('operators', {
  not_found: ['not_found', 'There is no such operator, or it is not yours to see.'],
  slug_taken: ['conflict', 'Another operator has this slug.'],
  unknown_time_zone: ['unprocessable', 'The database does not know this time zone.'],
});
