import { defineErrors } from '../common/errors/index.js';

export const operatorErrors = defineErrors('operators', {
  not_found: ['not_found', 'This operator does not exist, or you cannot see it.'],
  slug_taken: ['conflict', 'Another operator has this slug. Choose a different one.'],
  unknown_time_zone: ['unprocessable', 'This time zone is unknown. Use an IANA name such as Europe/Berlin.'],
});
