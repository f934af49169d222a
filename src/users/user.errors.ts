import { defineErrors } from '../common/errors/index.js';

export const userErrors = defineErrors('users', {
  not_found: ['not_found', 'There is no such user.'],
  email_required: ['forbidden', 'Look people up by their whole e-mail address: `?email=`.'],
});
