import { defineErrors } from '../../common/errors/index.js';

/** The codes begin with `auth` because the sign-in settings decide. */
export const invitationPolicyErrors = defineErrors('auth', {
  invitations_off: ['forbidden', 'The sign-in settings of this organization turn invitations off.'],
  invitations_restricted: ['forbidden', 'The sign-in settings of this organization allow only admins to invite.'],
});

export const invitationErrors = defineErrors('invitations', {
  not_found: ['not_found', 'This invitation does not exist. Check the link.'],
  already_pending: ['conflict', 'This address has an open invitation. Resend or replace it.'],
  too_many: ['rate_limited', 'Too many invitations were sent to this address. Try again later.'],
  accepted: ['conflict', 'This invitation has been accepted already.'],
  declined: ['conflict', 'This invitation was declined.'],
  revoked: ['conflict', 'This invitation was revoked. Ask for a new one.'],
  expired: ['unprocessable', 'This invitation has expired. Ask for a new one.'],
  wrong_account: ['forbidden', 'This invitation is for a different address. Sign in with that address.'],
  inviter_lost_right: ['conflict', 'The sender of this invitation is no longer allowed to invite. Ask for a new one.'],
});
