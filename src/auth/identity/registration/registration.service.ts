import { Injectable } from '@nestjs/common';
import type { Actor, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { MailOutbox } from '../../../mail/index.js';
import { AdmissionService } from '../../../admission/index.js';
import { OperatorService } from '../../../operators/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, operatorOf } from '../../access/index.js';
import { RegistrationPolicy } from './registration.policy.js';
import { OneTimeTokenService } from '../tokens/one-time-token.service.js';
import { RateLimitService } from '../../../limits/index.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { assertPassword } from '../passwords/password.policy.js';
import { PasswordStore } from '../passwords/password.store.js';
import type { Register, VerifiedEmailView } from './registration.dto.js';
import { SignInThrottle } from '../throttling/sign-in-throttle.service.js';

const LINK_SECONDS = 24 * 3600;
const PURPOSE = 'verify_email';

const anonymous = (origin: Origin): Actor => ({ type: 'user', userId: null, sessionId: null, origin });

/** Data that is kept with the mailed link until the address is confirmed. */
interface PendingRegistration {
  email: string;
  name: string;
  passwordHash: string;
}

/**
 * Creates accounts only once the address is confirmed. Until then, name and password are kept with the mailed link, so
 * that users cannot prepare an account for an address they do not own.
 */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly passwords: PasswordStore,
    private readonly hasher: PasswordHasher,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly throttle: SignInThrottle,
    private readonly mails: MailOutbox,
    private readonly config: Config,
    private readonly policy: RegistrationPolicy,
    private readonly memberships: AdmissionService,
  ) {}

  /** Answers the same, and as fast, whether or not the address has an account. */
  async register(operatorSlug: string, input: Register, origin: Origin): Promise<void> {
    await this.rateLimits.consume('registrations', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    await this.policy.assertMayRegister(operator, input.email);
    const minLength = await this.policy.passwordMinLength(operator);
    assertPassword(input.password, [input.email, input.name, operator.name, operator.slug], minLength);
    await this.rateLimits.consume('mails_to_mailbox', operator.id, input.email);
    const passwordHash = await this.hasher.hash(input.password);
    await this.db.transaction(async (tx) => {
      const existing = await this.users.findByEmail(tx, operator.id, input.email);
      // Issues a token without effect for an existing account too, so that a sign-in with this password answers the
      // same.
      const token = await this.issue(tx, operator.id, input, passwordHash);
      const mail = { operatorId: operator.id, to: { address: input.email } };
      // The mail contains nothing that was typed into the form, because the reader may not have filled it in.
      if (existing?.emailVerifiedAt)
        await this.mails.enqueue(tx, { ...mail, template: 'already_registered', data: {} });
      else {
        const link = `${this.config.baseUrl}/t/${operator.slug}/verify-email?token=${token}`;
        await this.mails.enqueue(tx, { ...mail, template: 'verify_email', data: { link } });
      }
    });
    this.mails.wake();
  }

  async verify(operatorSlug: string, token: string, origin: Origin): Promise<VerifiedEmailView> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { id: operatorId } = operator;
    const { email } = await this.db.transaction(async (tx) => {
      const { payload } = await this.tokens.redeem(tx, PURPOSE, operatorId, token);
      const user = await this.createVerified(tx, anonymous(origin), {
        operatorId,
        ...(payload as unknown as PendingRegistration),
      });
      await this.memberships.joinByDomain(tx, { ...anonymous(origin), userId: user.id }, operator, user, 'password');
      return user;
    });
    // Failed sign-ins from before the proof must not lock the owner out.
    await this.throttle.forget(operatorId, email);
    return { email, verified: true };
  }

  /** Returns the address that a link would confirm, without using the link. */
  async look(operatorId: string, token: string): Promise<{ email: string }> {
    const reader = this.db.reader;
    const { payload } = await this.tokens.look(reader, PURPOSE, operatorId, token);
    const { email } = payload as unknown as PendingRegistration;
    if ((await this.users.findByEmail(reader, operatorId, email))?.emailVerifiedAt) throw authErrors.already_verified();
    return { email };
  }

  /** Returns the password hash kept with the newest link to an address. */
  async findWaitingHash(reader: Reader, operatorId: string, email: string): Promise<string | null> {
    const pending = await this.tokens.findPending(reader, PURPOSE, operatorId, email);
    return pending && (pending.payload as unknown as PendingRegistration).passwordHash;
  }

  /** Creates an account with a verified address and a password, for the first start. */
  async createVerified(
    tx: Tx,
    actor: Actor,
    { passwordHash, ...person }: PendingRegistration & { operatorId: string; platformAdmin?: boolean },
  ): Promise<User> {
    const user = await this.users.proved(tx, actor, person);
    if (!user) throw authErrors.already_verified();
    await this.passwords.set(tx, user.id, passwordHash);
    return user;
  }

  private issue(tx: Tx, operatorId: string, { email, name }: Register, passwordHash: string): Promise<string> {
    const payload = { email, name, passwordHash } satisfies PendingRegistration;
    return this.tokens.issue(tx, { purpose: PURPOSE, operatorId, email, payload, ttlSeconds: LINK_SECONDS });
  }
}
