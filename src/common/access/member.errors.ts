import { defineErrors } from '../errors/index.js';

/** The same for members of operators, organizations and units. */
export const memberErrors = defineErrors('members', {
  not_found: ['not_found', 'There is no such member.'],
  already_member: ['conflict', 'This person is a member already.'],
  last_admin: ['conflict', 'This is the last admin. Name another admin first.'],
  role_above_own: ['forbidden', 'You cannot give, change or remove a role above your own.'],
});
