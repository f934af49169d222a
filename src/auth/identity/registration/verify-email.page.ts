import { mailedLinkController } from '../../../pages/index.js';
import { newPasswordInput, PASSWORD_REFUSALS } from '../passwords/new-password.input.js';
import { VerifyEmail } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';

export const VerifyEmailPageController = mailedLinkController({
  path: 'verify-email',
  form: VerifyEmail,
  service: RegistrationService,
  refusals: {
    'auth.invalid_one_time_token': {
      title: 'This link is no longer valid',
      text: 'It was already used, it is older than 24 hours, or part of it is missing. If you have confirmed your address, sign in. Otherwise register again to get a new link.',
    },
    'auth.already_verified': {
      title: 'This address is already confirmed',
      text: 'You can sign in. If you do not know the password, reset it where you sign in.',
    },
  },

  correctable: { ...PASSWORD_REFUSALS, 'auth.busy': null },

  async show(registration, operator, token) {
    const { email, minLength } = await registration.preview(operator, token);
    return {
      title: 'Confirm your email address',
      text: `Someone registered with the address ${email}. If that was you, choose a password. Otherwise close this page.`,
      form: {
        action: 'verify-email',
        hidden: { token },
        inputs: [newPasswordInput('Password', minLength)],
        buttons: [{ label: 'Yes, it was me: confirm' }],
      },
    };
  },

  async submit(registration, { operator, token, form, origin }) {
    const { email } = await registration.verify(operator.slug, token, form.password, origin);
    return {
      title: 'Your address is confirmed',
      text: `You can now sign in as ${email}.`,
      next: { email },
    };
  },
});
