import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import type { Tx } from '../../database/index.js';
import { type AccountChange, MailOutbox } from '../../mail/index.js';
import { OperatorService } from '../../operators/index.js';
import type { User } from '../../users/index.js';
import { OneTimeTokenService } from './tokens/one-time-token.service.js';

export type { AccountChange } from '../../mail/index.js';

const UNDO_SECONDS = 7 * 24 * 3600;

/** What a link undoes. Its token stores it. */
export interface UndoableChange {
  change: AccountChange | 'email_changed';
  /** The session that made the change, which may be a thief's. */
  sessionId: string | null;
  /** The passkey or the linked identity. */
  subjectId?: string | undefined;
  /** The address before the change. */
  email?: string | undefined;
}

const UNDOABLE: readonly AccountChange[] = [
  'totp_added',
  'passkey_added',
  'recovery_codes_created',
  'identity_linked',
  'password_changed',
];

/** Tells users by mail what changed about the ways into their account, with a link that undoes it. */
@Injectable()
export class AccountNoticeService {
  constructor(
    private readonly mails: MailOutbox,
    private readonly tokens: OneTimeTokenService,
    private readonly operators: OperatorService,
    private readonly config: Config,
  ) {}

  /** Stores the notice. Its mail is sent within a second after the commit. */
  async changed(tx: Tx, actor: Actor, user: User, change: AccountChange, subjectId?: string): Promise<void> {
    const undo = { change, sessionId: actor.sessionId, subjectId };
    await this.mails.enqueue(tx, {
      operatorId: user.operatorId,
      to: { name: user.name, address: user.email },
      template: 'account_changed',
      data: {
        change,
        at: new Date().toISOString(),
        // The address that staff used is not the owner's business.
        ip: actor.userId === user.id ? actor.origin.ip : null,
        undoLink: UNDOABLE.includes(change) ? await this.undoLink(tx, user, undo) : null,
      },
    });
  }

  /** Returns a link that undoes a change once, within seven days. */
  async undoLink(tx: Tx, { id: userId, operatorId }: User, undo: UndoableChange): Promise<string> {
    const { slug } = await this.operators.get(tx, operatorId);
    const token = await this.tokens.issue(tx, {
      purpose: 'undo',
      operatorId,
      userId,
      payload: { ...undo },
      ttlSeconds: UNDO_SECONDS,
    });
    return `${this.config.baseUrl}/t/${slug}/undo?token=${token}`;
  }
}
