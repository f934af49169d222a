import type { AccountChange } from '../../mail/index.js';
import { instant } from './instant.js';
import type { Letters } from './letter.js';

/** What happened, and what it means. */
const CHANGES: Record<AccountChange, { title: string; text: string }> = {
  totp_added: {
    title: 'An authenticator app was added',
    text: 'An authenticator app is a second factor of your account from now on.',
  },
  totp_removed: {
    title: 'The authenticator app was removed',
    text: 'The authenticator app is no second factor of your account any more.',
  },
  passkey_added: { title: 'A passkey was added', text: 'A new passkey opens your account from now on.' },
  passkey_removed: { title: 'A passkey was removed', text: 'A passkey does not open your account any more.' },
  recovery_codes_created: {
    title: 'New recovery codes were made',
    text: 'Your account has new recovery codes. Those before them do not work any more.',
  },
  recovery_code_used: {
    title: 'A recovery code was used',
    text: 'A recovery code stood in for your second factor. It does not work again; make new ones when few are left.',
  },
  identity_linked: {
    title: 'An identity was linked',
    text: 'The identity provider of an organization opens your account from now on.',
  },
  identity_unlinked: {
    title: 'An identity was unlinked',
    text: 'An identity at the provider of an organization does not open your account any more.',
  },
  password_changed: {
    title: 'Your password was changed',
    text: 'Your account has a new password. All devices were signed out.',
  },
  factors_reset: {
    title: 'Your second factors were removed',
    text: 'The staff removed all second factors of your account: authenticator app, passkeys and recovery codes. All devices were signed out. Sign in, and enrol a second factor again.',
  },
};

/** About the ways into somebody's account: links that sign in, and the address it goes by. */
export const entryLetters: Letters<
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
    text: [`Somebody, probably you, asked to sign in to ${operator} with this address. The link lets you in.`],
    action: { label: 'Sign in', link },
    notes: [
      'The link works once, within ten minutes. Give it to nobody: whoever has it can sign in as you.',
      'If it was not you, ignore this mail: without the link nothing happens.',
    ],
  }),

  magic_link_no_account: (_, { operator }) => ({
    subject: `No account for this address at ${operator}`,
    preview: 'Perhaps you registered with another address.',
    title: 'There is no account with this address',
    text: [
      `Somebody, probably you, asked to sign in to ${operator} with this address. There is no account with it that could sign in: perhaps you registered with another one, or have not opened the link yet that you were sent then.`,
    ],
    notes: ['If it was not you, ignore this mail.'],
  }),

  confirm_email_change: ({ newEmail, link }, { operator }) => ({
    subject: `Confirm the change of your address at ${operator}`,
    preview: 'The change is made when both addresses have confirmed it.',
    title: 'Confirm the change of your address',
    text: [
      `Somebody, probably you, asked to change the address of your account at ${operator} to ${newEmail}. If it was you, agree to it; the change is made when the new address has confirmed it too.`,
    ],
    action: { label: 'Agree to the change', link },
    notes: [
      'The link works once, within 24 hours.',
      'If it was not you, do not open the link: without it nothing changes. Somebody has used your account, so choose a new password.',
    ],
  }),

  // Says nothing of the account: whoever asked may have mistyped the address.
  confirm_new_email: ({ link }, { operator }) => ({
    subject: `Confirm your new address at ${operator}`,
    preview: 'The change is made when both addresses have confirmed it.',
    title: 'Confirm your new address',
    text: [
      `Somebody, probably you, wants to use this address for an account at ${operator}. If it was you, confirm it; the change is made when the address so far has confirmed it too.`,
    ],
    action: { label: 'Confirm the address', link },
    notes: [
      'The link works once, within 24 hours.',
      'If it was not you, ignore this mail: without the link nothing happens.',
    ],
  }),

  new_email_taken: (_, { operator }) => ({
    subject: `This address has an account at ${operator} already`,
    preview: 'Nothing has changed.',
    title: 'This address has an account already',
    text: [
      `Somebody, probably you, wants to use this address for another account at ${operator}. It has one already, so that is not possible: sign in with it, or choose another address.`,
    ],
    notes: ['If it was not you, ignore this mail: nothing has changed.'],
  }),

  email_changed: ({ newEmail }, { operator }) => ({
    subject: `The address of your account at ${operator} was changed`,
    preview: 'This address is not used any more.',
    title: 'The address of your account was changed',
    text: [
      `Your account at ${operator} has the address ${newEmail} from now on; this one is not used any more. Other devices were signed out.`,
    ],
    notes: [`If it was not you, write to ${operator} at once.`],
  }),

  new_device: ({ device, ip, at }, { operator }) => ({
    subject: `New sign-in to your account at ${operator}`,
    preview: `${device ?? 'An unknown device'}, ${instant(at)}`,
    title: 'A sign-in with a new device',
    text: [
      `Somebody, probably you, signed in to your account at ${operator} with a device or from a network that you did not use before.`,
      `Device: ${device ?? 'unknown'}`,
      `Time: ${instant(at)}`,
      `IP address: ${ip ?? 'unknown'}`,
      'If it was you, there is nothing to do.',
      'If it was not you, end the session: it stands in your account in the list of sessions, with this device and time. Then choose a new password where you sign in, as if you had forgotten it: that signs out every device.',
    ],
  }),

  account_changed: ({ change, at, ip }, { operator }) => ({
    subject: `${CHANGES[change].title} at ${operator}`,
    preview: CHANGES[change].text,
    title: CHANGES[change].title,
    text: [CHANGES[change].text, `Time: ${instant(at)}`, ...(ip === null ? [] : [`IP address: ${ip}`])],
    notes: [
      'If you know of it, there is nothing to do.',
      `If it was not you, choose a new password where you sign in, as if you had forgotten it, which signs out every device; and write to ${operator} at once.`,
    ],
  }),
};
