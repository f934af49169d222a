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

  /** Sends due mails at once. Call it after the commit. */
  wake(): void {
    this.job.wake();
  }
}
