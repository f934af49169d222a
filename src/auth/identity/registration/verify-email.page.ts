import { mailedLinkController } from '../../../pages/index.js';
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
      text: 'You can sign in. If you do not know the password, another person with access to your mailbox may have confirmed the address: contact the operator.',
    },
  },

  async show(registration, { id }, token) {
    const { email } = await registration.look(id, token);
    return {
      title: 'Confirm your email address',
      text: `Someone registered with the address ${email} and chose a password. Confirm only if that was you.`,
      form: { action: 'verify-email', hidden: { token }, buttons: [{ label: 'Yes, it was me: confirm' }] },
    };
  },

  async submit(registration, { operator, token, origin }) {
    const { email } = await registration.verify(operator.slug, token, origin);
    return {
      title: 'Your address is confirmed',
      text: `You can now sign in as ${email}. You can close this page.`,
    };
  },
});
