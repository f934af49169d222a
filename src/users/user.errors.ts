import { defineErrors } from '../common/errors/index.js';

export const userErrors = defineErrors('users', {
  not_found: ['not_found', 'This user does not exist.'],
  email_taken: ['conflict', 'An account with this address exists already. Sign in, or use another address.'],
  lookup_not_allowed: ['forbidden', 'Only operator staff and managers of an organization can look up users.'],
  email_required: ['forbidden', 'Give the complete email address of the user as `?email=`.'],
  own_account: ['conflict', 'You cannot do this to your own account. Ask another member of the staff.'],
  last_admin: ['conflict', 'The account is the last admin of what is listed. Name another admin there first.'],
  confirmation_mismatch: ['unprocessable', 'Enter the exact email address of the account to confirm.'],
});
