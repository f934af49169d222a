import { Injectable } from '@nestjs/common';
import type { Actor, OperatorRef, Origin } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { Database, type Reader, type Tx } from '../../common/database/index.js';
import { type MailMessage, Mails } from '../../mail/index.js';
import { Operators } from '../../operators/index.js';
import { type User, Users } from '../../users/index.js';
import { authErrors } from '../auth.errors.js';
import { operatorOf } from '../operator-of.js';
import { OneTimeTokens } from '../tokens/one-time-tokens.js';
import { Attempts } from './attempts.js';
import { PasswordHasher } from './password-hasher.js';
import { assertPassword } from './password.policy.js';
import { Passwords } from './passwords.js';
import type { Register, VerifiedEmailView } from './registration.dto.js';

const LINK_SECONDS = 24 * 3600;
const PURPOSE = 'verify_email';

const anonymous = (origin: Origin): Actor => ({ type: 'user', userId: null, sessionId: null, origin });

/** What waits with a mailed link. */
interface Waiting {
  email: string;
  name: string;
  passwordHash: string;
}

/**
 * Until an address is proved there is no account: name and password wait with the link that was mailed, so that nobody
 * can prepare an account for somebody else's address.
 */
@Injectable()
export class Registration {
  constructor(
    private readonly db: Database,
    private readonly operators: Operators,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly hasher: PasswordHasher,
    private readonly tokens: OneTimeTokens,
    private readonly attempts: Attempts,
    private readonly mails: Mails,
    private readonly config: Config,
  ) {}

  /**
   * Answers the same, and as fast, whether the address has an account. Throws operators.not_found,
   * auth.password_too_short, auth.password_too_weak, auth.too_many_attempts, auth.busy.
   */
  async register(operatorSlug: string, input: Register, origin: Origin): Promise<void> {
    await this.attempts.consume('register', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    assertPassword(input.password, [input.email, input.name, operator.name, operator.slug]);
    await this.attempts.consume('mail', operator.id, input.email);
    const passwordHash = await this.hasher.hash(input.password);
    await this.db.transaction(async (tx) => {
      const existing = await this.users.findByEmail(tx, operator.id, input.email);
      // Also for an account, with a token that goes nowhere: a sign-in with this password must be answered the same.
      const token = await this.issue(tx, operator.id, input, passwordHash);
      const mail = existing?.emailVerifiedAt
        ? this.alreadyRegistered(operator, input.email)
        : this.verification(operator, input.email, token);
      await this.mails.enqueue(tx, operator.id, mail);
    });
    this.mails.wake();
  }

  /** Throws operators.not_found, auth.invalid_one_time_token, auth.already_verified, auth.too_many_attempts. */
  async verify(operatorSlug: string, token: string, origin: Origin): Promise<VerifiedEmailView> {
    await this.attempts.consume('token', origin.ip ?? '');
    const { id: operatorId } = await operatorOf(this.operators, operatorSlug);
    const { email } = await this.db.transaction(async (tx) => {
      const { payload } = await this.tokens.redeem(tx, PURPOSE, operatorId, token);
      return this.createVerified(tx, anonymous(origin), { operatorId, ...(payload as unknown as Waiting) });
    });
    // Sign-ins tried before the proof must not keep its owner out after it.
    await this.attempts.reset('login', operatorId, email);
    return { email, verified: true };
  }

  /** Whose address a link would prove; changes nothing. Throws auth.invalid_one_time_token, auth.already_verified. */
  async look(operatorId: string, token: string): Promise<{ email: string }> {
    const reader = this.db.reader;
    const { payload } = await this.tokens.look(reader, PURPOSE, operatorId, token);
    const { email } = payload as unknown as Waiting;
    if ((await this.users.findByEmail(reader, operatorId, email))?.emailVerifiedAt) throw authErrors.already_verified();
    return { email };
  }

  /** The hash of the password that waits with the newest link to an address. */
  async findWaitingHash(reader: Reader, operatorId: string, email: string): Promise<string | null> {
    const pending = await this.tokens.findPending(reader, PURPOSE, operatorId, email);
    return pending && (pending.payload as unknown as Waiting).passwordHash;
  }

  /** An account whose address is proved, with its password. The first start uses it. Throws auth.already_verified. */
  async createVerified(
    tx: Tx,
    actor: Actor,
    { passwordHash, ...person }: Waiting & { operatorId: string; platformAdmin?: boolean },
  ): Promise<User> {
    const user = await this.users.proved(tx, actor, person);
    if (!user) throw authErrors.already_verified();
    await this.passwords.set(tx, user.id, passwordHash);
    return user;
  }

  private issue(tx: Tx, operatorId: string, { email, name }: Register, passwordHash: string): Promise<string> {
    const payload = { email, name, passwordHash } satisfies Waiting;
    return this.tokens.issue(tx, { purpose: PURPOSE, operatorId, email, payload, ttlSeconds: LINK_SECONDS });
  }

  /** Says nothing that whoever registered typed: he may be a stranger to whoever reads it. */
  private verification(operator: OperatorRef, email: string, token: string): MailMessage {
    const link = `${this.config.baseUrl}/t/${operator.slug}/verify-email?token=${token}`;
    return {
      to: { address: email },
      subject: `Confirm your e-mail address for ${operator.name}`,
      text: `Hello,\n\nsomebody, probably you, registered at ${operator.name} with this address and chose a password. If it was you, open this link to confirm the address:\n\n${link}\n\nIt works once, within 24 hours.\n\nIf it was not you, do not open the link: whoever registered would get an account in your name. Without the link nothing happens.\n`,
    };
  }

  private alreadyRegistered(operator: OperatorRef, email: string): MailMessage {
    return {
      to: { address: email },
      subject: `You already have an account at ${operator.name}`,
      text: `Hello,\n\nsomebody, probably you, tried to register this address at ${operator.name}. It has an account already: sign in with your password.\n\nIf it was not you, ignore this mail: nothing has changed.\n`,
    };
  }
}
