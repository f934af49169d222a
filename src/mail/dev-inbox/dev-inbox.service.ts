import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import type { Address, Email } from 'postal-mime';
import { Config } from '../../common/config/index.js';
import { isId } from '../../common/ids/index.js';

const SHOWN = 50;
const SUFFIX = '.eml';

export interface InboxMail {
  id: string;
  subject: string;
  from: string;
  to: string;
  replyTo: string;
  date: string;
  text: string;
  html: string;
}

export interface InboxPage {
  mails: InboxMail[];
  /** The next page shows the mails before this id. */
  next: string | null;
}

const addressOf = ({ name, address }: Address): string => (name ? `${name} <${address ?? ''}>` : (address ?? ''));

const toMail = (id: string, { subject, from, to, replyTo, date, text, html }: Email): InboxMail => ({
  id,
  subject: subject ?? '',
  from: from ? addressOf(from) : '',
  to: (to ?? []).map(addressOf).join(', '),
  replyTo: (replyTo ?? []).map(addressOf).join(', '),
  date: date ?? '',
  text: text ?? '',
  html: html ?? '',
});

/** Reads the mails in MAIL_DIR. Each is a file named by its id, and ids grow with time. */
@Injectable()
export class DevInboxService {
  constructor(private readonly config: Config) {}

  /** Returns the newest mails first. */
  async page(before: string | undefined): Promise<InboxPage> {
    const ids = (await this.ids()).filter((id) => before === undefined || id < before).toReversed();
    const shown = ids.slice(0, SHOWN);
    const mails = await Promise.all(shown.map((id) => this.find(id)));
    return {
      mails: mails.filter((mail) => mail !== null),
      next: ids.length > SHOWN ? (shown.at(-1) ?? null) : null,
    };
  }

  async find(id: string): Promise<InboxMail | null> {
    if (!isId(id)) return null;
    try {
      const bytes = await readFile(path.join(this.config.mailDir, `${id}${SUFFIX}`));
      // Loaded on demand, because servers in production never need it.
      const { default: PostalMime } = await import('postal-mime');
      return toMail(id, await PostalMime.parse(bytes));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  private async ids(): Promise<string[]> {
    try {
      const names = (await readdir(this.config.mailDir)).filter((name) => name.endsWith(SUFFIX));
      return names
        .map((name) => name.slice(0, -SUFFIX.length))
        .filter(isId)
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
