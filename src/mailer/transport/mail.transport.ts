import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { Config } from '../../common/config/index.js';
import type { Recipient } from '../../mail/index.js';

/** One mail as it goes out. */
export interface MailMessage {
  to: Recipient;
  subject: string;
  text: string;
}

/** Hands one mail on; resolves when it was taken. */
export abstract class MailTransport {
  abstract send(id: string, message: MailMessage): Promise<void>;
}

const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };
/** All steps together; each of them may be slow without being silent. Less than a mail is leased for. */
const SEND_LIMIT_MS = 100_000;

/** A name goes into a header: no line breaks, quotes or commas in it. */
const headerText = (text: string): string => text.replace(/[\r\n",<>]+/g, ' ').trim();

const fields = (config: Config, id: string, { to, subject, text }: MailMessage) => ({
  from: config.mailFrom,
  // Always an address object: a string would be parsed again, as a list.
  to: { name: headerText(to.name ?? ''), address: to.address },
  subject: headerText(subject),
  text,
  messageId: `<${id}@${new URL(config.baseUrl).hostname}>`,
});

export class SmtpTransport extends MailTransport {
  private readonly smtp = createTransport({ url: this.config.smtpUrl ?? '', ...TIMEOUTS });

  constructor(private readonly config: Config) {
    super();
  }

  async send(id: string, message: MailMessage): Promise<void> {
    const limit = new AbortController();
    const late = sleep(SEND_LIMIT_MS, undefined, { ref: false, signal: limit.signal }).then(() => {
      throw new Error(`not taken within ${SEND_LIMIT_MS / 1000} s`);
    });
    try {
      await Promise.race([this.smtp.sendMail(fields(this.config, id, message)), late]);
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

  async send(id: string, message: MailMessage): Promise<void> {
    const { message: bytes } = await this.composer.sendMail(fields(this.config, id, message));
    const file = path.join(this.config.mailDir, `${id}.eml`);
    await mkdir(this.config.mailDir, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.part`, bytes as Buffer, { mode: 0o600 });
    await rename(`${file}.part`, file);
  }
}
