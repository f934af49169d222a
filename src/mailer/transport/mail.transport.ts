import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { Config } from '../../common/config/index.js';
import type { Recipient } from '../../mail/index.js';

/** One mail as it goes out. */
export interface OutgoingMail {
  id: string;
  /** Whose name stands on it; the address is that of MAIL_FROM. */
  fromName: string;
  replyTo: string | null;
  to: Recipient;
  subject: string;
  text: string;
  html: string;
}

/** Hands one mail on; resolves when it was taken. */
export abstract class MailTransport {
  abstract send(mail: OutgoingMail): Promise<void>;
}

const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };
/** All steps together; each of them may be slow without being silent. Less than a mail is leased for. */
const SEND_LIMIT_MS = 100_000;

/** It goes into a header: no line breaks, quotes or commas in it. */
const headerText = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029",<>]+/gu, ' ').trim();

const fields = ({ mailFrom, baseUrl }: Config, { id, fromName, replyTo, to, subject, text, html }: OutgoingMail) => ({
  // Always address objects: a string would be parsed again, as a list.
  from: { name: headerText(fromName), address: mailFrom.address },
  to: { name: headerText(to.name ?? ''), address: to.address },
  ...(replyTo !== null && { replyTo: { name: '', address: replyTo } }),
  subject: headerText(subject),
  text,
  html,
  messageId: `<${id}@${new URL(baseUrl).hostname}>`,
  // Nobody is there to read that somebody is on holiday.
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
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
      throw new Error(`not taken within ${SEND_LIMIT_MS / 1000} s`);
    });
    try {
      await Promise.race([this.smtp.sendMail(fields(this.config, mail)), late]);
    } finally {
      limit.abort();
    }
  }
}

/** Without a mail server: each mail is an `.eml` file in MAIL_DIR, complete as soon as it is there. */
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
