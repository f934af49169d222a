import type { MailTemplates } from './mail.js';
import { instant } from './instant.js';
import type { Templates } from './template.js';

/** Mails about an organization and the recipient's membership in it. */
const STOPPED: Record<MailTemplates['auto_top_up_stopped']['reason'], string> = {
  declined: 'Three payments in a row were declined.',
  payment_method_removed: 'Its payment method was removed.',
  payment_refunded: 'The payment of a top-up was refunded.',
  payment_disputed: 'The payment of a top-up is disputed.',
};

const DELAYED: Record<MailTemplates['auto_top_up_delayed']['reason'], string> = {
  declined: 'A payment was declined.',
  daily_cap: 'The daily cap is reached.',
  monthly_cap: 'The monthly cap is reached.',
  amount_too_large: 'The credits to buy cost more than one payment can take.',
  amount_too_small: 'The credits to buy cost less than one payment must be.',
  payment_method_not_accepted: 'The payment method is no longer accepted. Choose another one.',
};

export const organizationTemplates: Templates<
  | 'invitation'
  | 'organization_created'
  | 'member_removed'
  | 'member_role_changed'
  | 'member_changes'
  | 'organization_deletion_scheduled'
  | 'organization_restored'
  | 'credits_low'
  | 'auto_top_up_stopped'
  | 'auto_top_up_delayed'
  | 'credits_issued_alone'
  | 'domain_proof_missing'
  | 'domain_proof_lost'
  | 'webhook_disabled'
> = {
  invitation: ({ organizationName, inviterName, role, message, expiresAt, link }, { operator }) => ({
    subject: `You are invited to ${organizationName} at ${operator}`,
    preview: `${inviterName} invites you, with the role "${role}".`,
    title: `Join ${organizationName}`,
    text: [`${inviterName} invites you to ${organizationName} at ${operator}, with the role "${role}".`],
    ...(message && { quote: { by: inviterName, text: message } }),
    action: { label: 'Accept or decline', link },
    notes: [
      `The link works once, until ${instant(expiresAt)}.`,
      'If you do not expect this, ignore this email. Nothing happens unless the link is used.',
    ],
  }),

  organization_created: ({ organizationName, actorName }, { operator, open }) => ({
    subject: `${organizationName} was created for you at ${operator}`,
    preview: 'You are its admin.',
    title: `${organizationName} is ready`,
    text: [
      `${actorName} created ${organizationName} at ${operator} and made you its admin. Sign in with your account.`,
    ],
    action: open,
  }),

  member_removed: ({ organizationName, actorName }, { operator }) => ({
    subject: `You were removed from ${organizationName} at ${operator}`,
    preview: 'You keep your account and your other organizations.',
    title: `You are no longer a member of ${organizationName}`,
    text: [
      `${actorName} removed you from ${organizationName}. You keep your account at ${operator} and your other organizations.`,
    ],
    notes: [`If you did not expect this, ask an admin of ${organizationName}.`],
  }),

  member_role_changed: ({ organizationName, actorName, before, after }, { operator, open }) => ({
    subject: `Your role in ${organizationName} at ${operator} was changed`,
    preview: before === after ? 'Your permissions there have changed.' : `You are now ${after}.`,
    title: 'Your role was changed',
    text: [
      before === after
        ? `${actorName} changed your roles in ${organizationName}, and with them your permissions there. You are still "${after}".`
        : `${actorName} changed your role in ${organizationName} from "${before}" to "${after}".`,
    ],
    action: open,
    notes: [`If you did not expect this, ask an admin of ${organizationName}.`],
  }),

  member_changes: ({ organizationName, changes }, { operator, open }) => ({
    subject: `Your membership in ${organizationName} at ${operator} was changed`,
    preview: 'There were several changes within an hour.',
    title: 'Your membership was changed',
    text: changes.map(({ actorName, roles }) => {
      if (!roles) return `${actorName} removed you from ${organizationName}.`;
      const { before, after } = roles;
      return before === after
        ? `${actorName} changed your roles in ${organizationName}, and with them your permissions there. You were still "${after}".`
        : `${actorName} changed your role in ${organizationName} from "${before}" to "${after}".`;
    }),
    ...(changes.at(-1)?.roles && { action: open }),
    notes: [`If you did not expect this, ask an admin of ${organizationName}.`],
  }),

  organization_deletion_scheduled: ({ organizationName, actorName, purgeAt, timeZone }, { operator }) => ({
    subject: `${organizationName} at ${operator} will be deleted`,
    preview: `It is now unavailable, and will be permanently deleted on ${instant(purgeAt, timeZone)}.`,
    title: `${organizationName} will be deleted`,
    text: [
      `${actorName} deleted ${organizationName}. It is now unavailable: its members cannot sign in to it, and its invitations do not work.`,
      `On ${instant(purgeAt, timeZone)} all its data is removed permanently.`,
    ],
    notes: [`Until then ${operator} can restore it. Contact ${operator} if this was a mistake.`],
  }),

  organization_restored: ({ organizationName, actorName }, { operator, open }) => ({
    subject: `${organizationName} at ${operator} was restored`,
    preview: 'Everything is as it was before the deletion.',
    title: `${organizationName} is back`,
    text: [`${actorName} restored ${organizationName}. Everything is as it was, and you can sign in again.`],
    action: open,
  }),

  credits_low: ({ organizationName, reason, available, emptyAt }, { operator, open }) => ({
    subject: `Credits of ${organizationName} at ${operator}: ${reason}`,
    preview: `${available} credits are available.`,
    title: `${organizationName}: ${reason}`,
    text: [
      `${organizationName} at ${operator} has ${available} credits available.`,
      emptyAt === null
        ? 'At the rate of the last seven days, they do not run out.'
        : `At the rate of the last seven days, they last until ${instant(emptyAt)}.`,
      'Top up to avoid interruptions.',
    ],
    action: open,
    notes: ['You receive this email because an alert is set for the credits of this organization.'],
  }),

  auto_top_up_stopped: ({ organizationName, reason }, { operator, open }) => ({
    subject: `Automatic top-up of ${organizationName} at ${operator} was switched off`,
    preview: STOPPED[reason],
    title: 'Automatic top-up was switched off',
    text: [
      `${STOPPED[reason]} No more credits are bought for ${organizationName}.`,
      reason === 'declined' || reason === 'payment_method_removed'
        ? 'Top up manually, then switch automatic top-up on again with a working payment method.'
        : 'If credits are to be bought again, switch automatic top-up on again.',
    ],
    action: open,
  }),

  auto_top_up_delayed: ({ organizationName, reason, nextAttemptAt }, { operator, open }) => ({
    subject: `Automatic top-up of ${organizationName} at ${operator} has to wait`,
    preview: DELAYED[reason],
    title: 'Automatic top-up has to wait',
    text: [
      `${DELAYED[reason]} No credits were bought for ${organizationName}.`,
      `The next attempt is on ${instant(nextAttemptAt)}, or as soon as the settings are saved again.`,
    ],
    action: open,
  }),

  credits_issued_alone: ({ organizationName, amount, total }, { operator }) => ({
    subject: `${amount} credits at ${operator} without a second person`,
    preview: `For ${organizationName}.`,
    title: 'Credits without a second person',
    text: [
      `The balance of ${organizationName} at ${operator} was changed by ${amount} credits. The same person created ${total} credits today.`,
      'Such an amount needs a second person as soon as two members of staff may approve it. At the moment there is only one.',
    ],
    notes: ['If you did not expect this, read the audit log of the operator.'],
  }),

  domain_proof_missing: ({ organizationName, domain, record, value, losesAt }, { operator }) => ({
    subject: `${organizationName} at ${operator} is about to lose ${domain}`,
    preview: 'The DNS record that verifies the domain is gone.',
    title: `The DNS record for ${domain} is gone`,
    text: [
      `The TXT record that verifies that ${domain} belongs to ${organizationName} is no longer in the DNS. If it is not back by ${instant(losesAt)}, users can no longer join with addresses of this domain.`,
      `Name: ${record}`,
      `Value: ${value}`,
    ],
    notes: ['If you no longer need the domain here, there is nothing to do.'],
  }),

  domain_proof_lost: ({ organizationName, domain }, { operator }) => ({
    subject: `${organizationName} at ${operator} has lost ${domain}`,
    preview: 'Users can no longer join with addresses of this domain.',
    title: `${domain} is no longer verified`,
    text: [
      `The DNS record that verifies that ${domain} belongs to ${organizationName} has been gone for seven days. Users can no longer join with addresses of this domain.`,
      'To get it back, add the record to the DNS again and verify the domain again.',
    ],
  }),

  webhook_disabled: ({ organizationName, host, reason }, { operator }) => ({
    subject: `A webhook of ${organizationName ? `${organizationName} at ${operator}` : operator} was switched off`,
    preview: `Events are no longer sent to ${host}.`,
    title: `The webhook at ${host} was switched off`,
    text: [
      reason === 'gone'
        ? `${host} answered that it takes no more deliveries (410 Gone), so events are no longer sent there.`
        : `Every attempt to deliver events to ${host} failed for five days, so they are no longer sent there.`,
      'Once the receiver works again, switch the webhook on. What waits is then sent.',
    ],
  }),
};
