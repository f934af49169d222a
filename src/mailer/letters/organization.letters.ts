import { instant } from './instant.js';
import type { Letters } from './letter.js';

/** About an organization and somebody's place in it. */
export const organizationLetters: Letters<
  | 'invitation'
  | 'organization_created'
  | 'member_removed'
  | 'member_role_changed'
  | 'organization_deletion_scheduled'
  | 'organization_restored'
  | 'credits_low'
  | 'auto_top_up_stopped'
  | 'domain_proof_missing'
  | 'domain_proof_lost'
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
      'If you do not know what this is about, ignore this mail: without the link nothing happens.',
    ],
  }),

  organization_created: ({ organizationName, actorName }, { operator }) => ({
    subject: `${organizationName} was created for you at ${operator}`,
    preview: 'You are its admin.',
    title: `${organizationName} is ready`,
    text: [
      `${actorName} created ${organizationName} at ${operator} and made you its admin. Sign in with your account.`,
    ],
  }),

  member_removed: ({ organizationName, actorName }, { operator }) => ({
    subject: `You were removed from ${organizationName} at ${operator}`,
    preview: 'Your account and your other organizations stay.',
    title: `You are no member of ${organizationName} any more`,
    text: [
      `${actorName} removed you from ${organizationName}. Your account at ${operator} and your other organizations stay as they are.`,
    ],
    notes: [`If you did not expect this, ask an admin of ${organizationName}.`],
  }),

  member_role_changed: ({ organizationName, actorName, before, after }, { operator }) => ({
    subject: `Your role in ${organizationName} at ${operator} was changed`,
    preview: before === after ? 'What you may do there has changed.' : `You are ${after} now.`,
    title: 'Your role was changed',
    text: [
      before === after
        ? `${actorName} changed your roles in ${organizationName}, and with them what you may do there. You are still "${after}".`
        : `${actorName} changed your role in ${organizationName} from "${before}" to "${after}".`,
    ],
    notes: [`If you did not expect this, ask an admin of ${organizationName}.`],
  }),

  organization_deletion_scheduled: ({ organizationName, actorName, purgeAt, timeZone }, { operator }) => ({
    subject: `${organizationName} at ${operator} will be deleted`,
    preview: `It is unavailable now, and gone for good on ${instant(purgeAt, timeZone)}.`,
    title: `${organizationName} will be deleted`,
    text: [
      `${actorName} deleted ${organizationName}. It is unavailable from now on: nobody can sign in to it, and its invitations do not work.`,
      `On ${instant(purgeAt, timeZone)} all its data is removed for good.`,
    ],
    notes: [`Until then ${operator} can restore it as it was: ask for it if this was a mistake.`],
  }),

  credits_low: ({ organizationName, reason, available, emptyAt }, { operator }) => ({
    subject: `Credits of ${organizationName} at ${operator}: ${reason}`,
    preview: `${available} credits are available.`,
    title: `${organizationName}: ${reason}`,
    text: [
      `${available} credits are available to ${organizationName} at ${operator}.`,
      emptyAt === null
        ? 'At the rate of the last seven days nothing is used.'
        : `At the rate of the last seven days they last until ${instant(emptyAt)}.`,
      'Top up so that nothing stops.',
    ],
    notes: ['You get this because an alert is set for the credits of this organization.'],
  }),

  auto_top_up_stopped: ({ organizationName, declines }, { operator }) => ({
    subject: `Automatic top-up of ${organizationName} at ${operator} was switched off`,
    preview:
      declines === null ? 'The method of payment it used was removed.' : `${declines} payments in a row were declined.`,
    title: 'Automatic top-up was switched off',
    text: [
      declines === null
        ? `The method of payment that the automatic top-up of ${organizationName} used was removed, so it buys no more credits.`
        : `${declines} payments in a row for ${organizationName} were declined, so no more are tried.`,
      'Top up yourself, and switch it on again with a method of payment that works.',
    ],
  }),

  domain_proof_missing: ({ organizationName, domain, record, value, losesAt }, { operator }) => ({
    subject: `${organizationName} at ${operator} is about to lose ${domain}`,
    preview: 'The record that proves it is gone from the DNS.',
    title: `The record for ${domain} is gone`,
    text: [
      `The DNS does not have the TXT record any more that proves that ${domain} belongs to ${organizationName}. If it is not back by ${instant(losesAt)}, nobody comes in by addresses of this domain any more.`,
      `Name: ${record}`,
      `Value: ${value}`,
    ],
    notes: ['If you do not need the domain here any more, there is nothing to do.'],
  }),

  domain_proof_lost: ({ organizationName, domain }, { operator }) => ({
    subject: `${organizationName} at ${operator} has lost ${domain}`,
    preview: 'Nobody comes in by addresses of this domain any more.',
    title: `${domain} is not proved any more`,
    text: [
      `The record that proved that ${domain} belongs to ${organizationName} has been gone for seven days. Nobody comes in by addresses of this domain any more.`,
      'To have it back, put the record into the DNS again and have it verified.',
    ],
  }),

  organization_restored: ({ organizationName, actorName }, { operator }) => ({
    subject: `${organizationName} at ${operator} was restored`,
    preview: 'Everything is as it was before it was deleted.',
    title: `${organizationName} is back`,
    text: [
      `${actorName} took the deletion of ${organizationName} back. Everything is as it was; you can sign in again.`,
    ],
  }),
};
