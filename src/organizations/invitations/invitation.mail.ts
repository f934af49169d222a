import type { OperatorRef, Role } from '../../common/access/index.js';
import type { MailMessage } from '../../mail/index.js';

export interface InvitationLetter {
  email: string;
  operator: OperatorRef;
  organizationName: string;
  inviterName: string;
  role: Role;
  message: string | null;
  expiresAt: Date;
  /** Begins with BASE_URL. */
  link: string;
}

/** Each line is marked: what a person wrote must not pass for what we say. */
const quoted = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => `> ${line}`)
    .join('\n');

export function invitationMail(letter: InvitationLetter): MailMessage {
  const { email, operator, organizationName, inviterName, role, message, expiresAt, link } = letter;
  const until = `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const words = message ? `${inviterName} writes:\n\n${quoted(message)}\n\n` : '';
  return {
    to: { address: email },
    subject: `You are invited to ${organizationName} at ${operator.name}`,
    text: `Hello,\n\n${inviterName} invites you to ${organizationName} at ${operator.name}, with the role "${role}".\n\n${words}To accept or to decline, open this link:\n\n${link}\n\nIt works once, until ${until}.\n\nIf you do not know what this is about, ignore this mail: without the link nothing happens.\n`,
  };
}
