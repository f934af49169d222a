import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../common/crypto/index.js';
import type { Tx } from '../../database/index.js';
import { newId } from '../../common/ids/index.js';
import type { NewMail } from '../templates/index.js';
import { contentOf, MAIL_SECRET, MailDeliveryJob } from './mail-delivery.job.js';
import { MailStore } from './mail.store.js';

/** Stores mails in the transaction that causes them. They are sent after its commit. */
@Injectable()
export class MailOutbox {
  constructor(
    private readonly store: MailStore,
    private readonly secrets: SecretBox,
    private readonly job: MailDeliveryJob,
  ) {}

  /** Stores a mail. It is sent within a second after the commit of `tx`, or at once if the caller then calls `wake`. */
  async enqueue(tx: Tx, mail: NewMail): Promise<void> {
    const id = newId();
    await this.store.insert(tx, {
      id,
      operatorId: mail.operatorId,
      content: this.secrets.encrypt(MAIL_SECRET, contentOf(id), JSON.stringify(mail)),
    });
  }

  /** Removes the waiting mails to an address, and replaces the name and the address in mails to others. */
  async forget(tx: Tx, operatorId: string, { email, name }: { email: string; name: string }): Promise<void> {
    for (const { id, content } of await this.store.waiting(tx, operatorId)) {
      const mail = JSON.parse(this.secrets.decrypt(MAIL_SECRET, contentOf(id), content)) as NewMail;
      if (mail.to.address === email) await this.store.remove(tx, id);
      else {
        const data = forgotten(mail.data, email, name);
        const changed = data && JSON.stringify({ ...mail, data });
        if (changed) await this.store.replace(tx, id, this.secrets.encrypt(MAIL_SECRET, contentOf(id), changed));
      }
    }
  }

  /** Sends due mails at once. Call it after the commit. */
  wake(): void {
    this.job.wake();
  }
}

const FORGOTTEN = 'a former user';

/** Returns the data without a name and an address. Null if they are not in it. */
function forgotten(data: object, email: string, name: string): object | null {
  const replaced = Object.entries(data).map(([key, value]: [string, unknown]) => [
    key,
    value === email || value === name ? FORGOTTEN : value,
  ]);
  const changed = Object.fromEntries(replaced) as object;
  return JSON.stringify(changed) === JSON.stringify(data) ? null : changed;
}
