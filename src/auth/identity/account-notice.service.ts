import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';
import { type AccountChange, MailOutbox } from '../../mail/index.js';
import type { User } from '../../users/index.js';

export type { AccountChange } from '../../mail/index.js';

/** Notifies users by email of changes to how they sign in, so that a thief of a session cannot make them unnoticed. */
@Injectable()
export class AccountNoticeService {
  constructor(private readonly mails: MailOutbox) {}

  /** Queues the mail. The outbox sends it on its next run. */
  changed(tx: Tx, actor: Actor, user: User, change: AccountChange): Promise<void> {
    return this.mails.enqueue(tx, {
      operatorId: user.operatorId,
      to: { name: user.name, address: user.email },
      template: 'account_changed',
      // The IP address is included only if users made the change themselves, so that staff addresses stay private.
      data: { change, at: new Date().toISOString(), ip: actor.userId === user.id ? actor.origin.ip : null },
    });
  }
}
