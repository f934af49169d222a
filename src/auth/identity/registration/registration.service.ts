import { Injectable } from '@nestjs/common';
import type { Actor, OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Tx } from '../../../database/index.js';
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
import { MailRequestThrottle } from '../throttling/mail-request-throttle.service.js';

const LINK_SECONDS = 24 * 3600;
const PURPOSE = 'verify_email';

const anonymous = (origin: Origin): Actor => ({ type: 'user', userId: null, sessionId: null, origin });

/** What waits with a mailed link. Links of older versions hold a password hash too, which is never used. */
interface PendingRegistration {
  email: string;
  name: string;
}

/**
 * Creates no account until an address is proved. The user who opens the mailed link chooses the password, so that an attacker
 * cannot prepare an account for another person's address.
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
    private readonly mailRequests: MailRequestThrottle,
    private readonly mails: MailOutbox,
    private readonly config: Config,
    private readonly policy: RegistrationPolicy,
    private readonly memberships: AdmissionService,
  ) {}

  /** Answers the same, and as fast, whether or not the address has an account. */
  async register(operatorSlug: string, input: Register, origin: Origin): Promise<void> {
    const operator = await operatorOf(this.operators, operatorSlug);
    await this.policy.assertMayRegister(operator, input.email);
    const { ip } = origin;
    const onlyAccounts = await this.mailRequests.consume({ operatorId: operator.id, email: input.email, ip });
    await this.db.transaction(async (tx) => {
      const existing = await this.users.findByEmail(tx, operator.id, input.email);
      // An address with an account gets a token that is never mailed, so that both cases take the same time.
      const token = await this.issue(tx, operator.id, input);
      const mail = { operatorId: operator.id, to: { address: input.email } };
      // The mail contains nothing that was typed at the registration, which may be a stranger's.
      if (existing?.emailVerifiedAt)
        await this.mails.enqueue(tx, { ...mail, template: 'already_registered', data: {} });
      else if (onlyAccounts === null) {
        const link = `${this.config.baseUrl}/t/${operator.slug}/verify-email?token=${token}`;
        await this.mails.enqueue(tx, { ...mail, template: 'verify_email', data: { link } });
      }
    });
    this.mails.wake();
  }

  /** After a refused password the link can still be used. */
  async verify(operatorSlug: string, token: string, password: string, origin: Origin): Promise<VerifiedEmailView> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { email, name, minLength } = await this.preview(operator, token);
    assertPassword(password, [email, name, operator.name, operator.slug], minLength);
    const passwordHash = await this.hasher.hash(password);
    await this.db.transaction(async (tx) => {
      await this.tokens.redeem(tx, PURPOSE, operator.id, token);
      const account = { operatorId: operator.id, email, name, passwordHash };
      const user = await this.createVerified(tx, anonymous(origin), account);
      await this.memberships.joinByDomain(tx, { ...anonymous(origin), userId: user.id }, operator, user, 'password');
    });
    // Failed sign-ins before the proof must not keep the owner out after it.
    await this.throttle.forget(operator.id, email);
    return { email, verified: true };
  }

  /** Reads which address a link proves, and how long its password has to be. */
  async preview(operator: OperatorRef, token: string): Promise<PendingRegistration & { minLength: number }> {
    const reader = this.db.reader;
    const { payload } = await this.tokens.look(reader, PURPOSE, operator.id, token);
    const { email, name } = payload as unknown as PendingRegistration;
    const account = await this.users.findByEmail(reader, operator.id, email);
    if (account?.emailVerifiedAt) throw authErrors.already_verified();
    const minLength = account
      ? await this.policy.passwordMinLengthOf(operator, account.id)
      : await this.policy.passwordMinLength(operator);
    return { email, name, minLength };
  }

  /** Creates an account whose address is proved, with its password. The first start uses it too. */
  async createVerified(
    tx: Tx,
    actor: Actor,
    {
      passwordHash,
      ...person
    }: { operatorId: string; email: string; name: string; passwordHash: string; platformAdmin?: boolean },
  ): Promise<User> {
    const user = await this.users.proved(tx, actor, person);
    if (!user) throw authErrors.already_verified();
    await this.passwords.set(tx, user.id, passwordHash);
    return user;
  }

  private issue(tx: Tx, operatorId: string, { email, name }: Register): Promise<string> {
    const payload = { email, name } satisfies PendingRegistration;
    return this.tokens.issue(tx, { purpose: PURPOSE, operatorId, email, payload, ttlSeconds: LINK_SECONDS });
  }
}
