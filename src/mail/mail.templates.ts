import type { Role } from '../common/access/index.js';

/**
 * What each mail is about: its template and the facts that template needs, as plain JSON. No HTML, no sentences, and no
 * looks: those are put to it when the mail leaves, in the branding of that moment.
 *
 * A new mail: name it here with its data, write its letter in `mailer/letters` (the compiler asks for it), and call
 * `Mails.enqueue(tx, { operatorId, organizationId, to, template, data })` in the transaction that causes it, then `wake()`
 * after the commit. `link` begins with BASE_URL, never with what a request said its host was. What a stranger typed is no
 * data of a mail to somebody else: it would reach him as our words.
 */
export interface MailTemplates {
  /** Somebody registered with this address. */
  verify_email: { link: string };
  /** Somebody registered with an address that has an account. */
  already_registered: Nothing;
  reset_password: { link: string };
  /** Somebody asked for a new password for an address without an account. */
  reset_password_no_account: Nothing;
  /** Signs in whoever reads it. */
  magic_link: { link: string };
  /** Somebody asked for a link that signs in, for an address without an account. */
  magic_link_no_account: Nothing;
  /** To the address so far: its account wants another one. */
  confirm_email_change: { newEmail: string; link: string };
  /** To the address that an account wants to have. */
  confirm_new_email: { link: string };
  /** To an address that another account wants to have, and that has one. */
  new_email_taken: Nothing;
  /** To the address an account had. */
  email_changed: { newEmail: string };
  /** To whoever signed in with a device that he did not use before. */
  new_device: { device: string | null; ip: string | null; at: string };
  /** To somebody of whose account a way in was changed; by another address than his own, `ip` is null. */
  account_changed: { change: AccountChange; at: string; ip: string | null };
  invitation: {
    organizationName: string;
    inviterName: string;
    role: Role;
    message: string | null;
    expiresAt: string;
    link: string;
  };
  /** To whoever is the first admin of a new operator; the link sets his password. */
  operator_admin_invitation: { expiresAt: string; link: string };
  /** To somebody with an account whom staff made the admin of a new organization. */
  organization_created: { organizationName: string; actorName: string };
  member_removed: { organizationName: string; actorName: string };
  /** The same role before and after: what changed are the roles beside it. */
  member_role_changed: { organizationName: string; actorName: string; before: Role; after: Role };
  /** To the organization's admins; the time zone is that of the operator. */
  organization_deletion_scheduled: { organizationName: string; actorName: string; purgeAt: string; timeZone: string };
  /** To whoever looks after an organization's credits: its admins and billing admins. */
  credits_low: { organizationName: string; reason: string; available: string; emptyAt: string | null };
  /** Null: what paid for it was removed. */
  /** To the organization's admins: the record that proved a domain is gone; people still come in by it until then. */
  domain_proof_missing: { organizationName: string; domain: string; record: string; value: string; losesAt: string };
  domain_proof_lost: { organizationName: string; domain: string };
  auto_top_up_stopped: { organizationName: string; declines: number | null };
  organization_restored: { organizationName: string; actorName: string };
}

/** What can be changed of the ways into an account. */
export type AccountChange =
  | 'totp_added'
  | 'totp_removed'
  | 'passkey_added'
  | 'passkey_removed'
  | 'recovery_codes_created'
  | 'recovery_code_used'
  | 'identity_linked'
  | 'identity_unlinked'
  | 'password_changed'
  | 'factors_reset';

type Nothing = Record<string, never>;

export type MailTemplate = keyof MailTemplates;

export interface Recipient {
  /** A name only of somebody who is known: what a stranger typed must not reach others under our name. */
  name?: string;
  address: string;
}

/** One mail to one person. */
export type NewMail = {
  [T in MailTemplate]: {
    operatorId: string;
    /** In whose branding it leaves; without one in the operator's. */
    organizationId?: string | undefined;
    to: Recipient;
    template: T;
    data: MailTemplates[T];
  };
}[MailTemplate];
