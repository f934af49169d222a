import { mailedLinkController } from '../../../pages/index.js';
import { UndoChange } from './undo.dto.js';
import { type UndoKind, UndoService } from './undo.service.js';

const SIGNED_OUT = 'This also signs out the device that did it and every device that signed in since.';

const EXPLANATIONS: Partial<Record<UndoKind, string>> = {
  totp_added: `An authenticator app was added to this account. Undo removes it. ${SIGNED_OUT}`,
  passkey_added: `A passkey was added to this account. Undo removes it. ${SIGNED_OUT}`,
  recovery_codes_created: `New recovery codes were created for this account. Undo makes them useless. ${SIGNED_OUT}`,
  identity_linked: `An identity at an organization's identity provider was linked to this account. Undo unlinks it. ${SIGNED_OUT}`,
  password_changed:
    'The password of this account was changed. Undo makes it useless, signs out all devices, and mails a link to choose another one.',
  email_changed:
    'The address of this account was changed. Undo restores your address, makes the password useless, signs out all devices, and mails you a link to choose another password.',
};

export const UndoPageController = mailedLinkController({
  path: 'undo',
  form: UndoChange,
  service: UndoService,
  refusals: {
    'auth.invalid_one_time_token': {
      title: 'This link is no longer valid',
      text: 'It was already used, it is older than seven days, or part of it is missing. If you did not make the change, reset your password where you sign in.',
    },
    'users.email_taken': {
      title: 'This address has another account',
      text: 'Your address has been used for another account in the meantime, so it cannot be restored. Contact the operator.',
    },
  },

  async show(undo, { id }, token) {
    const { change, madeAt } = await undo.preview(id, token);
    return {
      title: 'Was this not you?',
      text: EXPLANATIONS[change.change] ?? SIGNED_OUT,
      facts: [['When', madeAt.toUTCString()]],
      form: { action: 'undo', hidden: { token }, buttons: [{ label: 'It was not me: undo' }] },
    };
  },

  async submit(undo, { operator, token, origin }) {
    const kind = await undo.undo(operator.slug, token, origin);
    const mailed = kind === 'password_changed' || kind === 'email_changed';
    return {
      title: 'The change was undone',
      text: mailed
        ? 'All devices are signed out. Choose a new password with the link that was just mailed to you.'
        : 'If you do not know who made the change, reset your password where you sign in.',
      next: {},
    };
  },
});
