import { Injectable } from '@nestjs/common';
import type { Actor, OperatorRef, Origin } from '../../../common/access/index.js';
import { normalizeEmail } from '../../../common/validation/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { MailOutbox } from '../../../mail/index.js';
import { OperatorService } from '../../../operators/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, operatorOf } from '../../access/index.js';
import type { UndoableChange } from '../account-notice.service.js';
import { EmailChangeService } from '../email-change/email-change.service.js';
import { FactorRemovalService } from '../mfa/factor-removal.service.js';
import { PasswordResetService } from '../password-reset/password-reset.service.js';
import { PasswordStore } from '../passwords/password.store.js';
import { SessionService } from '../sessions/session.service.js';
import { RateLimitService } from '../../../limits/index.js';
import {
  type IssuedOneTimeToken,
  OneTimeTokenService,
  type Purpose,
  SIGN_IN_STEPS,
} from '../tokens/one-time-token.service.js';

const PURPOSE = 'undo';
/** Sign-ins that a thief may have begun. */
const WITHDRAWN: readonly Purpose[] = [...SIGN_IN_STEPS, 'reset_password'];

export type UndoKind = UndoableChange['change'];

/** Removes what `change` added, if it is still there. Runs under the user's lock. */
export type UndoHandler = (tx: Tx, actor: Actor, user: User, change: UndoableChange) => Promise<void>;

interface Undo {
  operator: OperatorRef;
  user: User;
  actor: Actor;
  change: UndoableChange;
  madeAt: Date;
}

/** Undoes a change to the ways into an account, for a user who has the mailed notice of the change. */
@Injectable()
export class UndoService {
  private readonly handlers = new Map<UndoKind, UndoHandler>();

  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly factors: FactorRemovalService,
    private readonly passwords: PasswordStore,
    private readonly resets: PasswordResetService,
    private readonly emailChanges: EmailChangeService,
    private readonly sessions: SessionService,
    private readonly events: EventService,
    private readonly mails: MailOutbox,
  ) {}

  /** Lets a later module undo a kind of change that it makes. */
  handle(kind: UndoKind, handler: UndoHandler): void {
    this.handlers.set(kind, handler);
  }

  /** Reads what a link undoes. Changes nothing. */
  async preview(operatorId: string, token: string): Promise<{ change: UndoableChange; madeAt: Date; user: User }> {
    const reader = this.db.reader;
    const issued = await this.tokens.look(reader, PURPOSE, operatorId, token);
    const user = await this.ownerOf(reader, operatorId, issued);
    return { change: changeOf(issued), madeAt: issued.createdAt, user };
  }

  async undo(operatorSlug: string, token: string, origin: Origin): Promise<UndoKind> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { user: owner } = await this.preview(operator.id, token);
    const kind = await this.db.transaction(async (tx) => {
      // Before the token, as everywhere: other changes of the account hold this lock and want tokens.
      await this.users.lock(tx, owner.id);
      const issued = await this.tokens.redeem(tx, PURPOSE, operator.id, token);
      const user = await this.ownerOf(tx, operator.id, issued);
      const actor: Actor = { type: 'user', userId: user.id, sessionId: null, origin };
      const change = changeOf(issued);
      await this.apply(tx, { operator, user, actor, change, madeAt: issued.createdAt });
      await this.record(tx, actor, user, change.change);
      return change.change;
    });
    this.mails.wake();
    return kind;
  }

  private async apply(tx: Tx, { operator, user, actor, change, madeAt }: Undo): Promise<void> {
    if (change.change === 'password_changed' || change.change === 'email_changed') {
      // The author of the change knows the password, so only a link to the restored mailbox opens the account.
      const restored = change.email ? await this.restoreEmail(tx, actor, operator, user, change.email, madeAt) : user;
      await this.passwords.remove(tx, user.id);
      await this.tokens.withdraw(tx, WITHDRAWN, user.id);
      await this.sessions.endAllIn(tx, actor, operator.id, user.id, 'undone');
      return this.resets.mailLink(tx, operator, restored);
    }
    if (change.change === 'totp_added') await this.factors.removeTotp(tx, actor, user, madeAt);
    else if (change.change === 'passkey_added')
      await this.factors.removePasskey(tx, actor, user, change.subjectId ?? '');
    else if (change.change === 'recovery_codes_created') await this.factors.removeCodes(tx, user.id);
    else await this.handlers.get(change.change)?.(tx, actor, user, change);
    const since = { madeAt, sessionId: change.sessionId };
    await this.sessions.endOpenedSince(tx, actor, operator.id, user.id, since, 'undone');
  }

  private async restoreEmail(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    user: User,
    earlier: string,
    madeAt: Date,
  ): Promise<User> {
    const email = normalizeEmail(earlier);
    // Links that were mailed to the addresses of a thief must not undo this.
    await this.tokens.withdraw(tx, PURPOSE, user.id, madeAt);
    if (user.email !== email) await this.emailChanges.restore(tx, actor, operator, user, email);
    return { ...user, email };
  }

  private async ownerOf(reader: Reader, operatorId: string, { userId }: IssuedOneTimeToken): Promise<User> {
    const user = userId ? await this.users.find(reader, operatorId, userId) : null;
    if (!user || user.blockedAt) throw authErrors.invalid_one_time_token();
    return user;
  }

  private record(tx: Tx, actor: Actor, { id, operatorId }: User, change: UndoKind): Promise<void> {
    return this.events.record(
      tx,
      { kind: 'operator', id: operatorId },
      { type: 'user.change_undone', actor, subject: { type: 'user', id }, after: { change } },
    );
  }
}

const changeOf = ({ payload }: IssuedOneTimeToken): UndoableChange => payload as unknown as UndoableChange;
