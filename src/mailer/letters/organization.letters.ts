import type { Letters } from './letter.js';
import { instant } from './instant.js';

/** About an organization and somebody's place in it. */
export const organizationLetters: Letters<'invitation'> = {
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
};
