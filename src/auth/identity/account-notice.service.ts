import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';
import { type AccountChange, MailOutbox } from '../../mail/index.js';
import type { User } from '../../users/index.js';

export type { AccountChange } from '../../mail/index.js';

/** Tells people by mail what was changed of the ways into their account: what is done with a stolen session is not done in silence. */
@Injectable()
export class AccountNoticeService {
  constructor(private readonly mails: MailOutbox) {}

  /** The mail leaves with the outbox's next look. */
  changed(tx: Tx, actor: Actor, user: User, change: AccountChange): Promise<void> {
    return this.mails.enqueue(tx, {
      operatorId: user.operatorId,
      to: { name: user.name, address: user.email },
      template: 'account_changed',
      // Where somebody else did it from is not its owner's business.
      data: { change, at: new Date().toISOString(), ip: actor.userId === user.id ? actor.origin.ip : null },
    });
  }
}
