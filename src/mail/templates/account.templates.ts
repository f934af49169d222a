import { instant } from './instant.js';
import type { Templates } from './template.js';

/** Mails about a user's own account at an operator. */
export const accountTemplates: Templates<
  'verify_email' | 'already_registered' | 'reset_password' | 'reset_password_no_account' | 'operator_admin_invitation'
> = {
  verify_email: ({ link }, { operator }) => ({
    subject: `Confirm your email address for ${operator}`,
    preview: 'Choose a password, and your account is ready.',
    title: 'Confirm your email address',
    text: [
      `Someone, probably you, registered at ${operator} with this address. If it was you, confirm the address and choose a password.`,
    ],
    action: { label: 'Confirm the address', link },
    notes: [
      'The link works once, within 24 hours.',
      'If it was not you, ignore this email. Nothing happens unless the link is used.',
    ],
  }),

  already_registered: (_, { operator, open }) => ({
    subject: `You already have an account at ${operator}`,
    preview: 'Sign in with your password. Nothing has changed.',
    title: 'You already have an account',
    text: [
      `Someone, probably you, tried to register at ${operator} with this address. It already has an account: sign in with your password.`,
    ],
    action: open,
    notes: ['If it was not you, ignore this email. Nothing has changed.'],
  }),

  reset_password: ({ link }, { operator }) => ({
    subject: `Choose a new password for ${operator}`,
    preview: 'The link works once, within one hour.',
    title: 'Choose a new password',
    text: [`Someone, probably you, asked to reset the password of the account with this address at ${operator}.`],
    action: { label: 'Choose a new password', link },
    notes: [
      'The link works once, within one hour. Setting a new password signs you out on all devices.',
      'If it was not you, ignore this email. Nothing has changed.',
    ],
  }),

  reset_password_no_account: (_, { operator }) => ({
    subject: `No account for this address at ${operator}`,
    preview: 'You may have registered with another address.',
    title: 'There is no account with this address',
    text: [
      `Someone, probably you, asked to reset a password at ${operator}. No account with this address can sign in. You may have registered with another address.`,
    ],
    notes: ['If it was not you, ignore this email.'],
  }),

  operator_admin_invitation: ({ expiresAt, link }, { operator }) => ({
    subject: `You are the administrator of ${operator}`,
    preview: 'Choose a password to sign in.',
    title: `Welcome to ${operator}`,
    text: [`${operator} was set up, and you are its administrator. Choose a password to sign in.`],
    action: { label: 'Choose a password', link },
    notes: [
      `The link works once, until ${instant(expiresAt)}. After that, request a new one on the sign-in page as if you had forgotten your password.`,
      'If you do not expect this, ignore this email. Nothing happens unless the link is used.',
    ],
  }),
};
