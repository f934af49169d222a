import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../common/crypto/index.js';
import type { Tx } from '../../database/index.js';
import { newId } from '../../common/ids/index.js';
import { v5 as uuidFromName } from 'uuid';
import { RateLimitService } from '../../limits/index.js';
import type { MemberChange, NewMail, Recipient } from '../templates/index.js';
import { contentOf, MAIL_SECRET, MailDeliveryJob } from './mail-delivery.job.js';
import { MailStore } from './mail.store.js';

/** Changes that one mail lists. Earlier ones are left out. */
const MAX_CHANGES = 50;
const JOINED_NAMESPACE = '6d1f4b1e-3f52-4c0e-9a55-0f3c7d8f2b61';

/** The member whose membership is changed. */
export interface MemberRecipient {
  operatorId: string;
  organizationId: string;
  organizationName: string;
  userId: string;
  to: Recipient;
}

/** The id of the mail that lists changes until `end`, so that all servers find it. */
const joinedId = (subject: string[], end: Date): string =>
  uuidFromName([...subject, end.toISOString()].join(' '), JOINED_NAMESPACE);

function firstNotice(
  mail: { operatorId: string; organizationId: string; to: Recipient },
  organizationName: string,
  { actorName, roles }: MemberChange,
): NewMail {
  const data = { organizationName, actorName };
  return roles
    ? { ...mail, template: 'member_role_changed', data: { ...data, ...roles } }
    : { ...mail, template: 'member_removed', data };
}

/** Stores mails in the transaction that causes them. They are sent after its commit. */
@Injectable()
export class MailOutbox {
  constructor(
    private readonly store: MailStore,
    private readonly secrets: SecretBox,
    private readonly job: MailDeliveryJob,
    private readonly rateLimits: RateLimitService,
  ) {}

  /** Stores a mail. It is sent within a second after the commit of `tx`, or at once if the caller then calls `wake`. */
  async enqueue(tx: Tx, mail: NewMail): Promise<void> {
    await this.insert(tx, newId(), mail);
  }

  /**
   * Stores a mail about a change of a membership. The first one leaves at once. Further changes within the hour are joined
   * into one mail at its end, which begins another hour. Runs under the organization's lock.
   */
  async enqueueMemberChange(tx: Tx, recipient: MemberRecipient, change: MemberChange): Promise<void> {
    const { userId, organizationName, ...mail } = recipient;
    const subject = [mail.organizationId, userId];
    if ((await this.rateLimits.tryConsume('member_notices', subject, tx)) === null)
      return this.enqueue(tx, firstNotice(mail, organizationName, change));
    const end = await this.rateLimits.windowEnd(tx, 'member_notices', subject);
    if (!end) return this.enqueue(tx, firstNotice(mail, organizationName, change));
    const waitingId = joinedId(subject, end);
    const waiting = await this.store.lockUnsent(tx, waitingId);
    const template = 'member_changes';
    if (!waiting) {
      const next = await this.rateLimits.prolong(tx, 'member_notices', subject, end);
      const data = { organizationName, changes: [change] };
      return this.insert(tx, joinedId(subject, next), { ...mail, template, data }, end);
    }
    const stored = JSON.parse(this.secrets.decrypt(MAIL_SECRET, contentOf(waitingId), waiting.content)) as NewMail;
    const earlier = stored.template === template ? stored.data.changes : [];
    const data = { organizationName, changes: [...earlier, change].slice(-MAX_CHANGES) };
    await this.store.replace(tx, waitingId, this.encrypted(waitingId, { ...mail, template, data }));
  }

  private insert(tx: Tx, id: string, mail: NewMail, dueAt?: Date): Promise<void> {
    return this.store.insert(tx, { id, operatorId: mail.operatorId, content: this.encrypted(id, mail) }, dueAt);
  }

  private encrypted(id: string, mail: NewMail): string {
    return this.secrets.encrypt(MAIL_SECRET, contentOf(id), JSON.stringify(mail));
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

/** Returns the data without a name and an address, also in its lists. Null if they are not in it. */
function forgotten(data: object, email: string, name: string): object | null {
  const before = JSON.stringify(data);
  const changed = JSON.parse(before, (_, value: unknown) =>
    value === email || value === name ? FORGOTTEN : value,
  ) as object;
  return JSON.stringify(changed) === before ? null : changed;
}
