import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { Config } from '../../common/config/index.js';
import type { Recipient } from '../templates/index.js';

/** One mail, ready to be sent. */
export interface OutgoingMail {
  id: string;
  /** The sender's name. The address is that of MAIL_FROM. */
  fromName: string;
  replyTo: string | null;
  to: Recipient;
  unsubscribeLink: string | null;
  /** The list that a notice belongs to (RFC 2919). Null for mails that a person caused for this recipient. */
  list: { label: string; name: string } | null;
  subject: string;
  text: string;
  html: string;
}

export abstract class MailTransport {
  /** Resolves once the mail was accepted, at the latest after SEND_LIMIT_MS. */
  abstract send(mail: OutgoingMail): Promise<void>;
}

const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };
/** Limits all steps together, each of which may be slow. Shorter than the lease of a mail. */
const SEND_LIMIT_MS = 100_000;

/** Removes what could end a header. The library quotes and encodes the rest. */
const headerText = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/** Names beside an address have no angle brackets, because they could look like another address. */
const nameText = (text: string): string => headerText(text.replace(/[<>]+/g, ' ')).replace(/ {2,}/g, ' ');

/** The last part of a list id is a domain name, and "localhost" for servers without one (RFC 2919). */
function listDomain(baseUrl: string): string {
  const { hostname } = new URL(baseUrl);
  return /^[\d.]+$/.test(hostname) || hostname.includes(':') ? 'localhost' : hostname;
}

/** Lets mail programs unsubscribe for their user with one click (RFC 8058). */
const unsubscribeHeaders = (link: string | null): Record<string, string> =>
  link === null ? {} : { 'List-Unsubscribe': `<${link}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };

const fields = (
  { mailFrom, baseUrl }: Config,
  { id, fromName, replyTo, to, unsubscribeLink, list, subject, text, html }: OutgoingMail,
) => ({
  // Address objects, because a string would be parsed as a list.
  from: { name: nameText(fromName), address: mailFrom.address },
  to: { name: nameText(to.name ?? ''), address: to.address },
  ...(replyTo !== null && { replyTo: { name: '', address: replyTo } }),
  subject: headerText(subject),
  text,
  html,
  messageId: `<${id}@${new URL(baseUrl).hostname}>`,
  ...(list && { list: { id: { url: `${list.label}.${listDomain(baseUrl)}`, comment: nameText(list.name) } } }),
  // Suppresses automatic replies, which would not be read (RFC 3834).
  headers: {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    ...unsubscribeHeaders(unsubscribeLink),
  },
  disableFileAccess: true,
  disableUrlAccess: true,
});

export class SmtpTransport extends MailTransport {
  private readonly smtp = createTransport({ url: this.config.smtpUrl ?? '', ...TIMEOUTS });

  constructor(private readonly config: Config) {
    super();
  }

  async send(mail: OutgoingMail): Promise<void> {
    const limit = new AbortController();
    const late = sleep(SEND_LIMIT_MS, undefined, { ref: false, signal: limit.signal }).then(() => {
      throw new Error(`The mail server did not accept the mail within ${SEND_LIMIT_MS / 1000} s.`);
    });
    try {
      await Promise.race([this.smtp.sendMail(fields(this.config, mail)), late]);
    } finally {
      limit.abort();
    }
  }
}

/** Used without a mail server: writes each mail as an `.eml` file to MAIL_DIR. Renames it last, so that it is complete. */
export class FolderTransport extends MailTransport {
  private readonly composer = createTransport({ streamTransport: true, buffer: true });

  constructor(private readonly config: Config) {
    super();
  }

  async send(mail: OutgoingMail): Promise<void> {
    const { message: bytes } = await this.composer.sendMail(fields(this.config, mail));
    const file = path.join(this.config.mailDir, `${mail.id}.eml`);
    await mkdir(this.config.mailDir, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.part`, bytes as Buffer, { mode: 0o600 });
    await rename(`${file}.part`, file);
  }
}
