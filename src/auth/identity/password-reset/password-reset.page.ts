import { mailedLinkController } from '../../../pages/index.js';
import { newPasswordInput, PASSWORD_REFUSALS } from '../passwords/new-password.input.js';
import { ResetPasswordForm } from './password-reset.dto.js';
import { PasswordResetService } from './password-reset.service.js';

export const PasswordResetPageController = mailedLinkController({
  path: 'reset-password',
  form: ResetPasswordForm,
  service: PasswordResetService,
  refusals: {
    'auth.invalid_one_time_token': {
      title: 'This link is no longer valid',
      text: 'It was already used, it has expired, or part of it is missing. Request a new one where you sign in.',
    },
  },
  correctable: { ...PASSWORD_REFUSALS, 'auth.busy': null },

  async show(passwords, operator, token) {
    const { user, minLength, recentFactors } = await passwords.preview(operator, token);
    const hint = recentFactors.length > 0 ? ' These were added in the last seven days. Remove what is not yours.' : '';
    return {
      title: 'Choose a new password',
      text: `For the account ${user.email}.${user.emailVerifiedAt ? ' This signs you out on all devices.' : ''}${hint}`,
      facts: recentFactors.map(({ name, addedAt }) => [name, addedAt.toUTCString()] as const),
      form: {
        action: 'reset-password',
        hidden: { token },
        inputs: [newPasswordInput('New password', minLength)],
        buttons:
          recentFactors.length === 0
            ? [{ label: 'Set the password' }]
            : [
                { label: 'Set the password and remove them', sends: { name: 'recentFactors', value: 'remove' } },
                {
                  label: 'Set the password and keep them',
                  sends: { name: 'recentFactors', value: 'keep' },
                  secondary: true,
                },
              ],
      },
    };
  },

  async submit(passwords, { operator, token, form, origin }) {
    const { password, recentFactors } = form;
    const input = { token, password, removeRecentFactors: recentFactors === 'remove' };
    const { user } = await passwords.preview(operator, token);
    await passwords.reset(operator.slug, input, origin);
    return { title: 'Your password is set', text: 'You can now sign in with it.', next: { email: user.email } };
  },
});
