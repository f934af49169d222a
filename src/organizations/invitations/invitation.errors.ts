import { defineErrors } from '../../common/errors/index.js';

/** The codes begin with `auth` because the sign-in settings decide. */
export const invitationPolicyErrors = defineErrors('auth', {
  invitations_off: ['forbidden', 'Nobody is invited here: the sign-in settings say so.'],
  invitations_restricted: ['forbidden', 'Only admins invite here: the sign-in settings say so.'],
});

export const invitationErrors = defineErrors('invitations', {
  not_found: ['not_found', 'There is no such invitation.'],
  already_pending: ['conflict', 'This address has an open invitation. Send it again, or replace it.'],
  too_many: ['rate_limited', 'This address got too many invitations. Wait before you send another.'],
  accepted: ['conflict', 'This invitation was accepted already.'],
  declined: ['conflict', 'This invitation was declined.'],
  revoked: ['conflict', 'This invitation was taken back. Ask for a new one.'],
  expired: ['unprocessable', 'This invitation has expired. Ask for a new one.'],
  wrong_account: ['forbidden', 'This invitation is for another address than the one you are signed in with.'],
  inviter_lost_right: ['conflict', 'Whoever sent this invitation may not do so any more. Ask for a new one.'],
});
