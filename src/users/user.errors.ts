import { defineErrors } from '../common/errors/index.js';

export const userErrors = defineErrors('users', {
  not_found: ['not_found', 'There is no such user.'],
  email_taken: ['conflict', 'This address has an account already.'],
  lookup_not_allowed: ['forbidden', 'Only staff of the operator and managers of an organization look people up.'],
  email_required: ['forbidden', 'Look people up by their whole e-mail address: `?email=`.'],
});
