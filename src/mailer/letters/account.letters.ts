import type { Letters } from './letter.js';

/** About somebody's own account at an operator. */
export const accountLetters: Letters<
  'verify_email' | 'already_registered' | 'reset_password' | 'reset_password_no_account'
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
};
