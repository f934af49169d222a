import { defineErrors } from '../common/errors/index.js';

/** The code is older than this module and part of the contract. */
export const limitErrors = defineErrors('auth', {
  too_many_attempts: ['rate_limited', 'Too many attempts. Wait and try again.'],
});
