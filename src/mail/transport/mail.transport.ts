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

/** Removes what would end or split a header: line breaks, quotes, commas and angle brackets. */
const headerText = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029",<>]+/gu, ' ').trim();

/** Lets mail programs unsubscribe for their user with one click (RFC 8058). */
const unsubscribeHeaders = (link: string | null): Record<string, string> =>
  link === null ? {} : { 'List-Unsubscribe': `<${link}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };

const fields = (
  { mailFrom, baseUrl }: Config,
  { id, fromName, replyTo, to, unsubscribeLink, subject, text, html }: OutgoingMail,
) => ({
  // Address objects, because a string would be parsed as a list.
  from: { name: headerText(fromName), address: mailFrom.address },
  to: { name: headerText(to.name ?? ''), address: to.address },
  ...(replyTo !== null && { replyTo: { name: '', address: replyTo } }),
  subject: headerText(subject),
  text,
  html,
  messageId: `<${id}@${new URL(baseUrl).hostname}>`,
  // Suppresses automatic replies, which would not be read.
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
