import { instant } from './instant.js';
import type { AccountChange } from './mail.js';
import type { Templates } from './template.js';

const CHANGES: Record<AccountChange, { title: string; text: string }> = {
  totp_added: {
    title: 'An authenticator app was added',
    text: 'An authenticator app was added to your account as a second factor.',
  },
  totp_removed: {
    title: 'The authenticator app was removed',
    text: 'The authenticator app is no longer a second factor of your account.',
  },
  passkey_added: { title: 'A passkey was added', text: 'A new passkey can now be used to sign in to your account.' },
  passkey_removed: {
    title: 'A passkey was removed',
    text: 'A passkey can no longer be used to sign in to your account.',
  },
  recovery_codes_created: {
    title: 'New recovery codes were created',
    text: 'Your account has new recovery codes. The previous ones no longer work.',
  },
  recovery_code_used: {
    title: 'A recovery code was used',
    text: 'A recovery code was used instead of your second factor. It does not work again. Create new codes before you run out.',
  },
  identity_linked: {
    title: 'An identity was linked',
    text: "An organization's identity provider can now be used to sign in to your account.",
  },
  identity_unlinked: {
    title: 'An identity was unlinked',
    text: "An identity at an organization's identity provider can no longer be used to sign in to your account.",
  },
  password_changed: {
    title: 'Your password was changed',
    text: 'Your account has a new password. All devices were signed out.',
  },
  factors_reset: {
    title: 'Your second factors were removed',
    text: 'Staff removed all second factors of your account: authenticator app, passkeys and recovery codes. All devices were signed out. Sign in and set up a second factor again.',
  },
};

const undo = (link: string | null | undefined) => (link ? { action: { label: 'It was not me: undo', link } } : {});
const undoNotes = (link: string | null | undefined): string[] =>
  link ? ['The link works once, within seven days.'] : [];

/** Mails about signing in, and about the address of an account. */
export const signInTemplates: Templates<
  | 'magic_link'
  | 'magic_link_no_account'
  | 'confirm_email_change'
  | 'confirm_new_email'
  | 'new_email_taken'
  | 'email_changed'
  | 'new_device'
  | 'account_changed'
> = {
  magic_link: ({ link }, { operator }) => ({
    subject: `Sign in to ${operator}`,
    preview: 'The link works once, within ten minutes.',
    title: 'Finish signing in',
    text: [`Someone, probably you, asked to sign in to ${operator} with this address. Use the link to continue.`],
    action: { label: 'Sign in', link },
    notes: [
      'The link works once, within ten minutes. Do not share it: anyone who has it can sign in as you.',
      'If it was not you, ignore this email. Nothing happens unless the link is used.',
    ],
  }),

  magic_link_no_account: (_, { operator }) => ({
    subject: `No account for this address at ${operator}`,
    preview: 'You may have registered with another address.',
    title: 'There is no account with this address',
    text: [
      `Someone, probably you, asked to sign in to ${operator} with this address. No account with this address can sign in. You may have registered with another address, or not yet opened the link that confirms this one.`,
    ],
    notes: ['If it was not you, ignore this email.'],
  }),

  confirm_email_change: ({ newEmail, link }, { operator }) => ({
    subject: `Confirm the change of your address at ${operator}`,
    preview: 'The address changes once both addresses have confirmed.',
    title: 'Confirm the change of your address',
    text: [
      `Someone, probably you, asked to change the address of your account at ${operator} to ${newEmail}. If it was you, confirm the change. The address changes once the new address has confirmed too.`,
    ],
    action: { label: 'Confirm the change', link },
    notes: [
      'The link works once, within 24 hours.',
      'If it was not you, do not open the link: nothing changes without it. Someone else has used your account, so choose a new password.',
    ],
  }),

  // Does not name the account, because the new address may be mistyped and belong to another person.
  confirm_new_email: ({ link }, { operator }) => ({
    subject: `Confirm your new address at ${operator}`,
    preview: 'The address changes once both addresses have confirmed.',
    title: 'Confirm your new address',
    text: [
      `Someone, probably you, wants to use this address for an account at ${operator}. If it was you, confirm the address. The change takes effect once the current address has confirmed too.`,
    ],
    action: { label: 'Confirm the address', link },
    notes: [
      'The link works once, within 24 hours.',
      'If it was not you, ignore this email. Nothing happens unless the link is used.',
    ],
  }),

  new_email_taken: (_, { operator }) => ({
    subject: `This address already has an account at ${operator}`,
    preview: 'Nothing has changed.',
    title: 'This address already has an account',
    text: [
      `Someone, probably you, wants to use this address for another account at ${operator}. That is not possible, because the address already has an account. Sign in to that account, or choose another address.`,
    ],
    notes: ['If it was not you, ignore this email. Nothing has changed.'],
  }),

  email_changed: ({ newEmail, undoLink }, { operator }) => ({
    subject: `The address of your account at ${operator} was changed`,
    preview: 'This address is no longer used.',
    title: 'The address of your account was changed',
    text: [
      `The address of your account at ${operator} is now ${newEmail}. This address is no longer used. Your other devices were signed out.`,
    ],
    ...undo(undoLink),
    notes: [...undoNotes(undoLink), `If it was not you, contact ${operator} immediately.`],
  }),

  new_device: ({ device, ip, at }, { operator }) => ({
    subject: `New sign-in to your account at ${operator}`,
    preview: `${device ?? 'An unknown device'}, ${instant(at)}`,
    title: 'New sign-in to your account',
    text: [
      `Someone, probably you, signed in to your account at ${operator} on a new device or from a new network.`,
      `Device: ${device ?? 'unknown'}`,
      `Time: ${instant(at)}`,
      `IP address: ${ip ?? 'unknown'}`,
      'If it was you, there is nothing to do.',
      'If it was not you, end the session: your account lists it with this device and time. Then reset your password on the sign-in page, which signs out all devices.',
    ],
  }),

  account_changed: ({ change, at, ip, undoLink }, { operator }) => ({
    subject: `${CHANGES[change].title} at ${operator}`,
    preview: CHANGES[change].text,
    title: CHANGES[change].title,
    text: [CHANGES[change].text, `Time: ${instant(at)}`, ...(ip === null ? [] : [`IP address: ${ip}`])],
    ...undo(undoLink),
    notes: [
      'If you expected this, there is nothing to do.',
      ...undoNotes(undoLink),
      `If you did not, reset your password on the sign-in page, which signs out all devices, and contact ${operator} immediately.`,
    ],
  }),
};
