import { Injectable } from '@nestjs/common';
import type { PersonAccess, Actor, OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { newId } from '../../../common/ids/index.js';
import { MailOutbox } from '../../../mail/index.js';
import { OperatorService } from '../../../operators/index.js';
import { DomainService } from '../../../organizations/index.js';
import { StaffService, type User, userErrors, UserService } from '../../../users/index.js';
import { authErrors, operatorOf } from '../../access/index.js';
import { AccountNoticeService } from '../account-notice.service.js';
import { limitErrors, RateLimitService } from '../../../limits/index.js';
import { ReauthenticationService } from '../passwords/reauthentication.service.js';
import { SignInThrottle } from '../throttling/sign-in-throttle.service.js';
import { MailRequestThrottle } from '../throttling/mail-request-throttle.service.js';
import { SessionService } from '../sessions/session.service.js';
import { OneTimeTokenService, type Purpose, SIGN_IN_STEPS } from '../tokens/one-time-token.service.js';
import {
  type AskForEmailChange,
  type ConfirmedEmailView,
  type EmailChangeView,
  toEmailChangeView,
} from './email-change.dto.js';
import type { EmailChange } from './email-change.entity.js';
import { EmailChangeStore, type Side } from './email-change.store.js';

const LINK_SECONDS = 24 * 3600;
const PURPOSE = 'confirm_email';
/** Purposes of tokens that must not work once the account has another address. */
const WITHDRAWN: readonly Purpose[] = [...SIGN_IN_STEPS, 'confirm_email', 'reset_password', 'magic_link'];

interface Link {
  changeId: string;
  side: Side;
}

/** Describes what a link would confirm. */
export interface ConfirmableChange {
  side: Side;
  newEmail: string;
}

/** Changes the address of an account once the old and the new address have both confirmed through a mailed link. */
@Injectable()
export class EmailChangeService {
  constructor(
    private readonly db: Database,
    private readonly store: EmailChangeStore,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly staff: StaffService,
    private readonly domains: DomainService,
    private readonly reauthentication: ReauthenticationService,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly throttle: SignInThrottle,
    private readonly mailRequests: MailRequestThrottle,
    private readonly sessions: SessionService,
    private readonly mails: MailOutbox,
    private readonly config: Config,
    private readonly notices: AccountNoticeService,
  ) {}

  /**
   * Replaces a pending change. Behaves and answers the same whether or not the new address has an account. If it has
   * one, the mail to that address says so, and the change can never be confirmed.
   */
  async ask(access: PersonAccess, { newEmail, password }: AskForEmailChange): Promise<EmailChangeView> {
    const { actor, operator } = access;
    const owner = await this.users.get(this.db.reader, operator.id, actor);
    await this.reauthentication.prove(owner, password, access.actor.origin.ip);
    if (newEmail === owner.email) throw authErrors.email_unchanged();
    const { ip } = actor.origin;
    await this.rateLimits.consume('mail_requests_by_owner', operator.id, owner.email);
    const retryAfterSeconds = await this.mailRequests.consume({ operatorId: operator.id, email: newEmail, ip });
    if (retryAfterSeconds !== null) throw limitErrors.too_many_attempts({ retryAfterSeconds });
    const change = await this.db.transaction(async (tx) => {
      const user = await this.users.lock(tx, owner.id);
      const id = newId();
      await this.tokens.withdraw(tx, PURPOSE, user.id);
      await this.store.replace(tx, { userId: user.id, id, newEmail, sessionId: actor.sessionId }, LINK_SECONDS);
      await this.mailCurrent(tx, operator, user, { changeId: id, newEmail });
      await this.mailNew(tx, operator, user, { changeId: id, newEmail });
      return this.get(tx, user.id);
    });
    this.mails.wake();
    return toEmailChangeView(change);
  }

  /**
   * Asks a user to confirm the address that the directory or identity provider of an organization has for them. The organization
   * must own the domains of both addresses, and staff of the operator are never asked. The account keeps its address until both
   * mailboxes have confirmed. A change that the user asked for stays, and the same proposal is mailed once.
   */
  async propose(tx: Tx, operator: OperatorRef, organizationId: string, account: User, newEmail: string): Promise<void> {
    if (newEmail === account.email) return;
    for (const address of [account.email, newEmail])
      if (!(await this.domains.covers(tx, operator.id, organizationId, address))) return;
    if (await this.staff.isStaff(tx, operator.id, account)) return;
    const userId = account.id;
    const user = await this.users.lock(tx, userId);
    const pending = await this.store.find(tx, userId);
    if (newEmail === user.email || pending?.newEmail === newEmail || pending?.sessionId) return;
    const change = { changeId: newId(), newEmail };
    await this.tokens.withdraw(tx, PURPOSE, userId);
    await this.store.replace(tx, { userId, id: change.changeId, newEmail, sessionId: null }, LINK_SECONDS);
    await this.mailCurrent(tx, operator, user, change);
    await this.mailNew(tx, operator, user, change);
  }

  async find({ actor }: PersonAccess): Promise<EmailChangeView> {
    return toEmailChangeView(await this.get(this.db.reader, actor.userId));
  }

  async cancel({ actor }: PersonAccess): Promise<void> {
    await this.db.transaction(async (tx) => {
      await this.users.lock(tx, actor.userId);
      await this.tokens.withdraw(tx, PURPOSE, actor.userId);
      if (!(await this.store.remove(tx, actor.userId))) throw authErrors.email_change_not_found();
    });
  }

  /** Returns the change that a link would confirm, without using the link. */
  async look(operatorId: string, token: string): Promise<ConfirmableChange> {
    const { change, side } = await this.open(this.db.reader, operatorId, token);
    return { side, newEmail: change.newEmail };
  }

  /**
   * Confirms one of the two links. The second one makes the change and ends other sessions and everything else that was
   * mailed. Cancels the change if another account has taken the address.
   */
  async confirm(operatorSlug: string, token: string, origin: Origin): Promise<ConfirmedEmailView> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { change } = await this.open(this.db.reader, operator.id, token);
    const changed = await this.db
      .transaction(async (tx) => {
        // Locks the user before the token, because requesting another change takes the locks in this order too.
        const user = await this.users.lock(tx, change.userId);
        const { payload } = await this.tokens.redeem(tx, PURPOSE, operator.id, token);
        const { changeId, side } = payload as unknown as Link;
        const confirmed = await this.store.confirm(tx, user.id, changeId, side);
        if (!confirmed || user.blockedAt) throw authErrors.invalid_one_time_token();
        if (!confirmed.currentConfirmedAt || !confirmed.newConfirmedAt) return null;
        await this.make(tx, operator, user, confirmed, origin);
        return confirmed;
      })
      .catch(async (error: unknown) => {
        if (error instanceof AppError && error.code === userErrors.email_taken().code) await this.cancelExpired(change);
        throw error;
      });
    if (!changed) return { status: 'waiting' };
    this.mails.wake();
    // Failed sign-ins with this address from before the change must not lock the new owner out.
    await this.throttle.forget(operator.id, changed.newEmail);
    return { status: 'changed' };
  }

  private async make(tx: Tx, operator: OperatorRef, user: User, change: EmailChange, { requestId, ip }: Origin) {
    const actor: Actor = { type: 'user', userId: user.id, sessionId: null, origin: { requestId, ip } };
    await this.put(tx, actor, operator, user, change.newEmail, change.sessionId);
  }

  /**
   * Gives the user another, verified address, withdraws what was sent to the old one and records an event. Call it
   * under the user's lock.
   */
  async put(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    user: User,
    newEmail: string,
    exceptSessionId: string | null = null,
  ): Promise<void> {
    await this.move(tx, actor, operator, user, newEmail, exceptSessionId);
    const undo = { change: 'email_changed', sessionId: exceptSessionId, email: user.email } as const;
    await this.mailOldAddress(tx, user, newEmail, await this.notices.undoLink(tx, user, undo));
  }

  /** Gives the user an earlier address back. The address that they have now is told, and cannot undo it. */
  async restore(tx: Tx, actor: Actor, operator: OperatorRef, user: User, email: string): Promise<void> {
    await this.move(tx, actor, operator, user, email, null);
    await this.mailOldAddress(tx, user, email, null);
  }

  private mailOldAddress(
    tx: Tx,
    { operatorId, email }: User,
    newEmail: string,
    undoLink: string | null,
  ): Promise<void> {
    const mail = { operatorId, to: { address: email } };
    return this.mails.enqueue(tx, { ...mail, template: 'email_changed', data: { newEmail, undoLink } });
  }

  private async move(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    user: User,
    newEmail: string,
    exceptSessionId: string | null,
  ): Promise<void> {
    await this.users.changeEmail(tx, actor, user, newEmail);
    await this.store.remove(tx, user.id);
    await this.tokens.withdraw(tx, WITHDRAWN, user.id);
    // Pending registrations of either address by others.
    await this.tokens.withdrawMailed(tx, 'verify_email', operator.id, [user.email, newEmail]);
    await this.sessions.endAllIn(tx, actor, operator.id, user.id, 'email_changed', exceptSessionId);
  }

  /** Cancels a change that can no longer be confirmed, because another account has the address. */
  private async cancelExpired({ userId, id }: EmailChange): Promise<void> {
    await this.db.transaction(async (tx) => {
      await this.users.lock(tx, userId);
      if ((await this.store.find(tx, userId))?.id !== id) return;
      await this.tokens.withdraw(tx, PURPOSE, userId);
      await this.store.remove(tx, userId);
    });
  }

  private async get(reader: Reader, userId: string): Promise<EmailChange> {
    const change = await this.store.find(reader, userId);
    if (!change) throw authErrors.email_change_not_found();
    return change;
  }

  private async open(reader: Reader, operatorId: string, token: string): Promise<{ change: EmailChange; side: Side }> {
    const { userId, payload } = await this.tokens.look(reader, PURPOSE, operatorId, token);
    const { changeId, side } = payload as unknown as Link;
    const change = userId ? await this.store.find(reader, userId) : null;
    if (change?.id !== changeId) throw authErrors.invalid_one_time_token();
    return { change, side };
  }

  private async mailCurrent(tx: Tx, operator: OperatorRef, user: User, change: { changeId: string; newEmail: string }) {
    const link = await this.issueLink(tx, operator, user, { changeId: change.changeId, side: 'current' });
    await this.mails.enqueue(tx, {
      operatorId: operator.id,
      to: { address: user.email },
      template: 'confirm_email_change',
      data: { newEmail: change.newEmail, link },
    });
  }

  private async mailNew(tx: Tx, operator: OperatorRef, user: User, change: { changeId: string; newEmail: string }) {
    const taken = await this.users.findByEmail(tx, operator.id, change.newEmail);
    // For a taken address, issues a token without effect, so that the response takes the same time.
    const link = await this.issueLink(tx, operator, user, { changeId: change.changeId, side: 'new' });
    const mail = { operatorId: operator.id, to: { address: change.newEmail } };
    await this.mails.enqueue(
      tx,
      taken
        ? { ...mail, template: 'new_email_taken', data: {} }
        : { ...mail, template: 'confirm_new_email', data: { link } },
    );
  }

  private async issueLink(tx: Tx, operator: OperatorRef, user: User, payload: Link): Promise<string> {
    const token = await this.tokens.issue(tx, {
      purpose: PURPOSE,
      operatorId: operator.id,
      userId: user.id,
      payload: { ...payload },
      ttlSeconds: LINK_SECONDS,
    });
    return `${this.config.baseUrl}/t/${operator.slug}/confirm-email?token=${token}`;
  }
}
