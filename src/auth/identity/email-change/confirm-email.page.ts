import { mailedLinkController } from '../../../pages/index.js';
import { ConfirmEmail } from './email-change.dto.js';
import { EmailChangeService } from './email-change.service.js';

const CONFIRMED = {
  waiting: {
    title: 'Confirmed',
    text: 'The address changes as soon as the other address confirms it too: open the link in the email that was sent there.',
  },
  changed: {
    title: 'The address was changed',
    text: 'Both addresses have confirmed the change. Use the new one to sign in.',
  },
};

export const ConfirmEmailPageController = mailedLinkController({
  path: 'confirm-email',
  form: ConfirmEmail,
  service: EmailChangeService,
  refusals: {
    'auth.invalid_one_time_token': {
      title: 'This link is no longer valid',
      text: 'It was already used, it is older than 24 hours, or the change was canceled. Your account settings show your current address.',
    },
    'users.email_taken': {
      title: 'This address already has an account',
      text: 'Another account has taken the address in the meantime, so the change was canceled. Your account keeps its current address.',
    },
  },

  async show(changes, { id }, token) {
    const { side, newEmail } = await changes.look(id, token);
    return {
      title: 'Confirm the change of address',
      text:
        side === 'new'
          ? `Someone wants to use the address ${newEmail} for an account. Confirm only if that was you.`
          : `Someone wants to change the address of your account to ${newEmail}. Confirm only if that was you.`,
      form: { action: 'confirm-email', hidden: { token }, buttons: [{ label: 'Yes, it was me: confirm' }] },
    };
  },

  async submit(changes, { operator, token, origin }) {
    const { newEmail } = await changes.look(operator.id, token);
    const { status } = await changes.confirm(operator.slug, token, origin);
    return { ...CONFIRMED[status], next: status === 'changed' ? { email: newEmail } : {} };
  },
});
