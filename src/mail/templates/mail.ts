import type { Role } from '../../common/access/index.js';

/**
 * The data of each mail template, as plain JSON without sentences, HTML or branding. Those are added when the mail is sent.
 *
 * To add a mail, name it here with its data and write its template in this folder (the compiler asks for it). Call
 * `MailOutbox.enqueue(tx, { operatorId, organizationId, to, template, data })` in the transaction that causes the mail, and
 * `wake()` after the commit. `link` must start with BASE_URL, never with the host that a request names. Never put text that
 * an unknown person typed into a mail to another person: it would look like our words.
 */
export interface MailTemplates {
  verify_email: { link: string };
  /** For a registration with an address that already has an account. */
  already_registered: NoData;
  reset_password: { link: string };
  reset_password_no_account: NoData;
  /** The link signs in anyone who has it. */
  magic_link: { link: string };
  magic_link_no_account: NoData;
  /** To the current address of an account. */
  confirm_email_change: { newEmail: string; link: string };
  /** To the address that an account is to get. */
  confirm_new_email: { link: string };
  /** To the address that an account is to get, if it already has an account. */
  new_email_taken: NoData;
  /** To the address that the account had before. Without a link if the change restores an address. */
  email_changed: { newEmail: string; undoLink?: string | null };
  new_device: { device: string | null; ip: string | null; at: string };
  /** A sign-in method of the account was changed. `ip` is null if staff changed it. */
  account_changed: { change: AccountChange; at: string; ip: string | null; undoLink?: string | null };
  invitation: {
    organizationName: string;
    inviterName: string;
    role: Role;
    message: string | null;
    expiresAt: string;
    link: string;
  };
  /** To the first admin of a new operator. The link sets the password. */
  operator_admin_invitation: { expiresAt: string; link: string };
  /** To a user with an account whom staff made the admin of a new organization. */
  organization_created: { organizationName: string; actorName: string };
  member_removed: { organizationName: string; actorName: string };
  /** `before` and `after` are equal if only custom roles changed. */
  member_role_changed: { organizationName: string; actorName: string; before: Role; after: Role };
  /** Changes within an hour after another mail about the same membership, oldest first. */
  member_changes: { organizationName: string; changes: MemberChange[] };
  /** To the admins of the organization, with times in the time zone of the operator. */
  organization_deletion_scheduled: { organizationName: string; actorName: string; purgeAt: string; timeZone: string };
  organization_restored: { organizationName: string; actorName: string };
  /** To the admins and billing admins of the organization. */
  credits_low: { organizationName: string; reason: string; available: string; emptyAt: string | null };
  /** To the admins of the operator: credits above the limit were created or removed, and no second person could approve. */
  credits_issued_alone: { organizationName: string; amount: string; total: string };
  auto_top_up_stopped: {
    organizationName: string;
    reason: 'declined' | 'payment_method_removed' | 'payment_refunded' | 'payment_disputed';
  };
  auto_top_up_delayed: {
    organizationName: string;
    reason:
      | 'declined'
      | 'daily_cap'
      | 'monthly_cap'
      | 'amount_too_large'
      | 'amount_too_small'
      | 'payment_method_not_accepted';
    nextAttemptAt: string;
  };
  /** To the admins of the organization: the DNS record is gone. The domain counts as verified until `losesAt`. */
  domain_proof_missing: { organizationName: string; domain: string; record: string; value: string; losesAt: string };
  domain_proof_lost: { organizationName: string; domain: string };
  /** To the admins of the organization, or of the operator if there is no organization. */
  webhook_disabled: { organizationName: string | null; host: string; reason: 'gone' | 'failing' };
}

/** A change of a membership. Without roles: the member was removed. */
export interface MemberChange {
  actorName: string;
  roles?: { before: Role; after: Role };
}

/** What can change about the sign-in methods of an account. */
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

type NoData = Record<string, never>;

export type MailTemplate = keyof MailTemplates;

export interface Recipient {
  /** Only for a known user: a name that an unknown person typed must not be sent in our name. */
  name?: string;
  address: string;
}

/** One mail to one recipient. */
export type NewMail = {
  [T in MailTemplate]: {
    operatorId: string;
    /** The organization whose branding the mail has; the operator's if undefined. */
    organizationId?: string | undefined;
    to: Recipient;
    /** Switches mails of this kind off, without a sign-in. Only for mails that the recipient can do without. */
    unsubscribeLink?: string | undefined;
    template: T;
    data: MailTemplates[T];
  };
}[MailTemplate];
