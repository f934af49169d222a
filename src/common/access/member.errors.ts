import { defineErrors } from '../errors/index.js';

/** Errors shared by the members of operators, organizations and units. */
export const memberErrors = defineErrors('members', {
  not_found: ['not_found', 'This member does not exist.'],
  already_member: ['conflict', 'This user is already a member.'],
  invitation_required: [
    'forbidden',
    'Only operator staff can add users directly, except for addresses in domains that the organization proved. Invite this user instead.',
  ],
  last_admin: ['conflict', 'This is the last admin. Add another admin first.'],
  role_above_own: ['forbidden', 'You cannot grant, change or remove a role above your own.'],
});
