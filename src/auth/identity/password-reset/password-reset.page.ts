import { mailedLinkController } from '../../../pages/index.js';
import { newPasswordInput } from '../passwords/new-password.input.js';
import { ResetPassword } from './password-reset.dto.js';
import { PasswordResetService } from './password-reset.service.js';

export const PasswordResetPageController = mailedLinkController({
  path: 'reset-password',
  form: ResetPassword,
  service: PasswordResetService,
  refusals: {
    'auth.invalid_one_time_token': {
      title: 'This link is no longer valid',
      text: 'It was already used, it has expired, or part of it is missing. Request a new one where you sign in.',
    },
  },
  correctable: ['auth.password_too_short', 'auth.password_too_weak', 'auth.password_too_common', 'auth.busy'],

  async show(passwords, operator, token) {
    const { user, minLength } = await passwords.preview(operator, token);
    return {
      title: 'Choose a new password',
      text: `For the account ${user.email}.${user.emailVerifiedAt ? ' This signs you out on all devices.' : ''}`,
      form: {
        action: 'reset-password',
        hidden: { token },
        inputs: [newPasswordInput('New password', minLength)],
        buttons: [{ label: 'Set the password' }],
      },
    };
  },

  async submit(passwords, { operator, token, form, origin }) {
    await passwords.reset(operator.slug, token, form.password, origin);
    return { title: 'Your password is set', text: 'You can now sign in with it. You can close this page.' };
  },
});
