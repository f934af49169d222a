import { mailedLinkController, type PageInput, pageTheme } from '../../../pages/index.js';
import { newPasswordInput, PASSWORD_REFUSALS } from '../passwords/new-password.input.js';
import { InvitationAcceptanceService } from './invitation-acceptance.service.js';
import { InvitationAnswer } from './invitation.dto.js';

const NAME: PageInput = { name: 'name', label: 'Your name', type: 'text', maxLength: 120, autoComplete: 'name' };
const OWN_PASSWORD: PageInput = {
  name: 'password',
  label: 'Your password',
  type: 'password',
  maxLength: 128,
  autoComplete: 'current-password',
};

export const InvitationPageController = mailedLinkController({
  path: 'invitations/:token',
  form: InvitationAnswer,
  service: InvitationAcceptanceService,
  correctable: { validation_failed: null, ...PASSWORD_REFUSALS, 'auth.invalid_credentials': 'password' },

  async show(acceptance, operator, token) {
    const invitation = await acceptance.preview(operator, token);
    const { organization, email, role, inviterName, message, branding, passwordMinLength } = invitation;
    const hint =
      passwordMinLength === null
        ? 'You already have an account with this address: accept with its password.'
        : 'Choose a password to accept.';
    return {
      theme: pageTheme(branding),
      title: `You are invited to ${organization.name}`,
      text: `${inviterName} invites ${email} to ${organization.name}, with the role “${role}”. ${hint}`,
      ...(message !== null && { quote: { by: inviterName, text: message } }),
      form: {
        inputs: passwordMinLength === null ? [OWN_PASSWORD] : [NAME, newPasswordInput('A password', passwordMinLength)],
        buttons: [
          { label: 'Accept', sends: { name: 'answer', value: 'accept' } },
          { label: 'Decline', sends: { name: 'answer', value: 'decline' }, secondary: true, skipsInputs: true },
        ],
      },
    };
  },

  async submit(acceptance, { operator, token, form: { answer, ...account }, origin }) {
    if (answer === 'decline') {
      await acceptance.decline(operator.slug, token, origin);
      return {
        title: 'You declined the invitation',
        text: 'You will get no more emails about it.',
        next: {},
      };
    }
    const { organization, slug, email, branding } = await acceptance.acceptOnPage(operator, token, account, origin);
    return {
      theme: pageTheme(branding),
      title: `You are a member of ${organization.name}`,
      text: `You can now sign in as ${email}.`,
      next: { email, slug },
    };
  },
});
