import { Injectable } from '@nestjs/common';
import type { Actor, Origin } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { Database, type Tx } from '../../common/database/index.js';
import { type MailMessage, Mails } from '../../mail/index.js';
import { operatorErrors, Operators } from '../../operators/index.js';
import { type User, Users } from '../../users/index.js';
import { authErrors } from '../auth.errors.js';
import { OneTimeTokens } from '../tokens/one-time-tokens.js';
import { Attempts } from './attempts.js';
import { PasswordHasher } from './password-hasher.js';
import { assertPassword } from './password.policy.js';
import { Passwords } from './passwords.js';
import type { Register, VerifiedEmailView } from './registration.dto.js';

const LINK_SECONDS = 24 * 3600;

const anonymous = (origin: Origin): Actor => ({ type: 'user', userId: null, sessionId: null, origin });

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
    const operator = await this.operators.findBySlug(operatorSlug);
    if (!operator) throw operatorErrors.not_found();
    assertPassword(input.password, input);
    await this.attempts.consume('mail', operator.id, input.email);
    const passwordHash = await this.hasher.hash(input.password);
    await this.db.transaction(async (tx) => {
      const existing = await this.users.findByEmail(tx, operator.id, input.email);
      const mail = existing?.emailVerifiedAt
        ? this.alreadyRegistered(operator, input)
        : this.verification(operator, input, await this.issue(tx, operator.id, input, passwordHash));
      await this.mails.enqueue(tx, operator.id, mail);
    });
    this.mails.wake();
  }

  /** Throws operators.not_found, auth.invalid_one_time_token, auth.already_verified, auth.too_many_attempts. */
  async verify(operatorSlug: string, token: string, origin: Origin): Promise<VerifiedEmailView> {
    await this.attempts.consume('token', origin.ip ?? '');
    const operator = await this.operators.findBySlug(operatorSlug);
    if (!operator) throw operatorErrors.not_found();
    return this.db.transaction(async (tx) => {
      const { email, payload } = await this.tokens.redeem(tx, 'verify_email', operator.id, token);
      const { name, passwordHash } = payload as { name: string; passwordHash: string };
      const existing = await this.users.findByEmail(tx, operator.id, email ?? '');
      if (existing?.emailVerifiedAt) throw authErrors.already_verified();
      const user = await this.createVerified(tx, anonymous(origin), { operatorId: operator.id, email: email ?? '', name, passwordHash });
      return { email: user.email, verified: true };
    });
  }

  /** An account whose address needs no proof, with its password. The first start uses it. */
  async createVerified(
    tx: Tx,
    actor: Actor,
    input: { operatorId: string; email: string; name: string; passwordHash: string; platformAdmin?: boolean },
  ): Promise<User> {
    const { passwordHash, ...person } = input;
    const user = await this.users.verified(tx, actor, person);
    await this.passwords.set(tx, user.id, passwordHash);
    return user;
  }

  private issue(tx: Tx, operatorId: string, { email, name }: Register, passwordHash: string): Promise<string> {
    return this.tokens.issue(tx, { purpose: 'verify_email', operatorId, email, payload: { name, passwordHash }, ttlSeconds: LINK_SECONDS });
  }

  private verification(operator: { slug: string; name: string }, { email, name }: Register, token: string): MailMessage {
    const link = `${this.config.baseUrl}/t/${operator.slug}/verify-email?token=${token}`;
    return {
      to: { name, address: email },
      subject: `Confirm your e-mail address for ${operator.name}`,
      text: `Hello ${name},\n\nopen this link to confirm your e-mail address for ${operator.name}:\n\n${link}\n\nIt works once, within 24 hours. If you did not register, ignore this mail: nothing happens without the link.\n`,
    };
  }

  private alreadyRegistered(operator: { name: string }, { email, name }: Register): MailMessage {
    return {
      to: { name, address: email },
      subject: `You already have an account at ${operator.name}`,
      text: `Hello,\n\nsomebody, probably you, tried to register this address at ${operator.name}. It has an account already: sign in with your password.\n\nIf it was not you, ignore this mail: nothing has changed.\n`,
    };
  }
}
