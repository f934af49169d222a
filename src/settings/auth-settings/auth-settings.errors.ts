import { defineErrors } from '../../common/errors/index.js';

export const authSettingsErrors = defineErrors('auth_settings', {
  locked: ['conflict', 'A level above locks this field.'],
  weaker_than_inherited: ['unprocessable', 'A level below can only be stricter than what it inherits.'],
  no_method_left: ['unprocessable', 'These settings would leave no way to sign in.'],
  no_way_in: ['unprocessable', 'Invitations and both kinds of provisioning cannot all be off.'],
  password_needs_mfa: ['unprocessable', 'Passwords shorter than 15 characters require a second factor for all users.'],
  break_glass_not_admin: ['unprocessable', 'Only active admins can be let in by break-glass.'],
  would_close_organizations: [
    'unprocessable',
    'With the settings of these organizations, no one could sign in or become a member there. Change those settings first, or lock the field.',
  ],
  would_lock_out: [
    'unprocessable',
    'With these settings you could not come in yourself. Name an admin who can in breakGlassUserIds first.',
  ],
});
