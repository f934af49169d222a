import { instant } from './instant.js';
import type { Letters } from './letter.js';

/** About somebody's own account at an operator. */
export const accountLetters: Letters<
  'verify_email' | 'already_registered' | 'reset_password' | 'reset_password_no_account' | 'operator_admin_invitation'
> = {
  verify_email: ({ link }, { operator }) => ({
    subject: `Confirm your e-mail address for ${operator}`,
    preview: 'One click, and your account is ready.',
    title: 'Confirm your e-mail address',
    text: [
      `Somebody, probably you, registered at ${operator} with this address and chose a password. If it was you, confirm the address.`,
    ],
    action: { label: 'Confirm the address', link },
    notes: [
      'The link works once, within 24 hours.',
      'If it was not you, do not open the link: whoever registered would get an account in your name. Without the link nothing happens.',
    ],
  }),

  already_registered: (_, { operator }) => ({
    subject: `You already have an account at ${operator}`,
    preview: 'Sign in with your password; nothing has changed.',
    title: 'You already have an account',
    text: [
      `Somebody, probably you, tried to register this address at ${operator}. It has an account already: sign in with your password.`,
    ],
    notes: ['If it was not you, ignore this mail: nothing has changed.'],
  }),

  reset_password: ({ link }, { operator }) => ({
    subject: `Choose a new password for ${operator}`,
    preview: 'The link works once, within one hour.',
    title: 'Choose a new password',
    text: [`Somebody, probably you, asked to set a new password for the account with this address at ${operator}.`],
    action: { label: 'Choose a new password', link },
    notes: [
      'The link works once, within one hour, and signs you out everywhere.',
      'If it was not you, ignore this mail: nothing has changed.',
    ],
  }),

  reset_password_no_account: (_, { operator }) => ({
    subject: `No account for this address at ${operator}`,
    preview: 'Perhaps you registered with another address.',
    title: 'There is no account with this address',
    text: [
      `Somebody, probably you, asked to set a new password at ${operator}. There is no account with this address that could sign in: perhaps you registered with another one.`,
    ],
    notes: ['If it was not you, ignore this mail.'],
  }),

  operator_admin_invitation: ({ expiresAt, link }, { operator }) => ({
    subject: `You are the administrator of ${operator}`,
    preview: 'Choose a password to get in.',
    title: `Welcome to ${operator}`,
    text: [`${operator} was set up, and you are its administrator. Choose a password to get in.`],
    action: { label: 'Choose a password', link },
    notes: [
      `The link works once, until ${instant(expiresAt)}. After that, ask for a new one where you sign in, as if you had forgotten the password.`,
      'If you do not know what this is about, ignore this mail: without the link nothing happens.',
    ],
  }),
};
