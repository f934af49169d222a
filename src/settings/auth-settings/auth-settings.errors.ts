import { defineErrors } from '../../common/errors/index.js';

export const authSettingsErrors = defineErrors('auth_settings', {
  locked: ['conflict', 'A level above locks this field, so it cannot be changed here.'],
  weaker_than_inherited: ['unprocessable', 'A level below can only be stricter than what it inherits.'],
  no_method_left: ['unprocessable', 'These settings would leave no way to sign in. Allow at least one method.'],
  no_way_in: ['unprocessable', 'Invitations and both kinds of provisioning cannot all be off. Turn one of them on.'],
  password_needs_mfa: ['unprocessable', 'Passwords shorter than 15 characters require a second factor for all users.'],
  break_glass_not_admin: ['unprocessable', 'Only active admins can be listed in breakGlassUserIds.'],
  would_close_organizations: [
    'unprocessable',
    'With the settings of these organizations, no one could sign in or become a member there. Change those settings first, or lock the field.',
  ],
  would_lock_out: [
    'unprocessable',
    'You could not sign in with these settings yourself. List an admin in breakGlassUserIds first.',
  ],
});
