import { Injectable } from '@nestjs/common';
import type { Actor, OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { MailOutbox } from '../../../mail/index.js';
import { OperatorService } from '../../../operators/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, operatorOf } from '../../access/index.js';
import { AccountNoticeService } from '../account-notice.service.js';
import { FactorRemovalService, type RecentFactor } from '../mfa/factor-removal.service.js';
import { RateLimitService } from '../../../limits/index.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { assertPassword } from '../passwords/password.policy.js';
import { PasswordStore } from '../passwords/password.store.js';
import { SignInThrottle } from '../throttling/sign-in-throttle.service.js';
import { MailRequestThrottle } from '../throttling/mail-request-throttle.service.js';
import { RegistrationPolicy } from '../registration/registration.policy.js';
import { SessionService } from '../sessions/session.service.js';
import {
  type IssuedOneTimeToken,
  OneTimeTokenService,
  type Purpose,
  SIGN_IN_STEPS,
} from '../tokens/one-time-token.service.js';
import type { ResetPassword } from './password-reset.dto.js';

const LINK_SECONDS = 3600;
/** Equals the lifetime of an invitation. */
const FIRST_LINK_SECONDS = 7 * 24 * 3600;
const PURPOSE = 'reset_password';
/** Purposes of tokens that may have been issued for the old password. */
const WITHDRAWN: readonly Purpose[] = [...SIGN_IN_STEPS, PURPOSE];
/**
 * Payload of a link that sets only the first password. It is valid for longer and stops working once the account has a
 * password.
 */
const FIRST = { first: true };

/** Lets users who can read the mail of their account's address choose a new password. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly passwords: PasswordStore,
    private readonly hasher: PasswordHasher,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly throttle: SignInThrottle,
    private readonly mailRequests: MailRequestThrottle,
    private readonly sessions: SessionService,
    private readonly events: EventService,
    private readonly mails: MailOutbox,
    private readonly config: Config,
    private readonly policy: RegistrationPolicy,
    private readonly notices: AccountNoticeService,
    private readonly factors: FactorRemovalService,
  ) {}

  /** Behaves and answers the same whether or not the address has an account. Without one, the mail says so. */
  async forgot(operatorSlug: string, email: string, { ip }: Origin): Promise<void> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const onlyAccounts = await this.mailRequests.consume({ operatorId: operator.id, email, ip });
    await this.db.transaction(async (tx) => {
      const account = await this.users.findByEmail(tx, operator.id, email);
      // Includes accounts whose address is not verified yet, because the link verifies it.
      const usable = account && !account.blockedAt ? account : null;
      // Without an account, issues a token without effect, so that the response takes the same time.
      const token = await this.tokens.issue(tx, {
        purpose: PURPOSE,
        operatorId: operator.id,
        email,
        ttlSeconds: LINK_SECONDS,
        ...(usable && { userId: usable.id }),
      });
      const mail = { operatorId: operator.id, to: { address: email } };
      const link = this.linkOf(operator, token);
      if (usable) await this.mails.enqueue(tx, { ...mail, template: 'reset_password', data: { link } });
      else if (onlyAccounts === null)
        await this.mails.enqueue(tx, { ...mail, template: 'reset_password_no_account', data: {} });
    });
    this.mails.wake();
  }

  /** Mails a link to choose a new password. The caller wakes the outbox after the commit. */
  async mailLink(tx: Tx, operator: OperatorRef, { id: userId, email }: User): Promise<void> {
    const issued = { purpose: PURPOSE, operatorId: operator.id, email, userId, ttlSeconds: LINK_SECONDS } as const;
    const link = this.linkOf(operator, await this.tokens.issue(tx, issued));
    const mail = { operatorId: operator.id, to: { address: email } };
    await this.mails.enqueue(tx, { ...mail, template: 'reset_password', data: { link } });
  }

  /** Mails the link that sets the password of an account that others created. The caller wakes the outbox after the commit. */
  async invite(tx: Tx, operator: OperatorRef, { id: userId, email }: User): Promise<void> {
    const token = await this.tokens.issue(tx, {
      purpose: PURPOSE,
      operatorId: operator.id,
      email,
      userId,
      payload: FIRST,
      ttlSeconds: FIRST_LINK_SECONDS,
    });
    await this.mails.enqueue(tx, {
      operatorId: operator.id,
      to: { address: email },
      template: 'operator_admin_invitation',
      data: {
        expiresAt: new Date(Date.now() + FIRST_LINK_SECONDS * 1000).toISOString(),
        link: this.linkOf(operator, token),
      },
    });
  }

  /** Reads for whom a link sets a password, how long that has to be, and which factors are new. Changes nothing. */
  async preview(
    operator: OperatorRef,
    token: string,
  ): Promise<{ user: User; minLength: number; recentFactors: RecentFactor[] }> {
    const user = await this.look(operator.id, token);
    const minLength = await this.policy.passwordMinLengthOf(operator, user.id);
    return { user, minLength, recentFactors: await this.factors.recent(this.db.reader, user.id) };
  }

  private linkOf({ slug }: OperatorRef, token: string): string {
    return `${this.config.baseUrl}/t/${slug}/reset-password?token=${token}`;
  }

  private async look(operatorId: string, token: string): Promise<User> {
    return this.ownerOf(this.db.reader, operatorId, await this.tokens.look(this.db.reader, PURPOSE, operatorId, token));
  }

  /**
   * Ends every session of the account and every other link that resets its password. After a refused password, the link
   * can still be used.
   */
  async reset(
    operatorSlug: string,
    { token, password, removeRecentFactors = false }: ResetPassword,
    origin: Origin,
  ): Promise<void> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { user: owner, minLength } = await this.preview(operator, token);
    assertPassword(password, [owner.email, owner.name, operator.name, operator.slug], minLength);
    const hash = await this.hasher.hash(password);
    await this.db.transaction(async (tx) => {
      // Before the token, as everywhere. Sign-ins with the old password hold this lock too.
      await this.users.lock(tx, owner.id);
      const user = await this.ownerOf(tx, operator.id, await this.tokens.redeem(tx, PURPOSE, operator.id, token));
      await this.tokens.withdraw(tx, WITHDRAWN, user.id);
      const actor: Actor = { type: 'user', userId: user.id, sessionId: null, origin };
      // If another proof has verified the address meanwhile, this link must not replace that account's password.
      if (!user.emailVerifiedAt && !(await this.users.proved(tx, actor, user)))
        throw authErrors.invalid_one_time_token();
      if (removeRecentFactors) await this.factors.removeRecent(tx, actor, user);
      const had = await this.passwords.findHash(tx, user.id);
      await this.passwords.set(tx, user.id, hash);
      await this.sessions.endAllIn(tx, actor, operator.id, user.id, 'password_reset');
      await this.record(tx, actor, user);
      if (had) await this.notices.changed(tx, actor, user, 'password_changed');
    });
    this.mails.wake();
    // Failed attempts at the old password must not lock the owner out.
    await this.throttle.forget(operator.id, owner.email);
  }

  /** Looks the address up again, because it may have changed since the link was mailed. */
  private async ownerOf(
    reader: Reader,
    operatorId: string,
    { userId, email, payload }: IssuedOneTimeToken,
  ): Promise<User> {
    const user = userId ? await this.users.find(reader, operatorId, userId) : null;
    if (!user || user.blockedAt || user.email !== email) throw authErrors.invalid_one_time_token();
    if (payload.first === true && user.emailVerifiedAt) throw authErrors.invalid_one_time_token();
    return user;
  }

  private record(tx: Tx, actor: Actor, user: User): Promise<void> {
    const subject = { type: 'user', id: user.id };
    return this.events.record(
      tx,
      { kind: 'operator', id: user.operatorId },
      { type: 'user.password_reset', actor, subject },
    );
  }
}
