import { Injectable } from '@nestjs/common';
import { Database } from '../../common/database/index.js';
import { operatorErrors, Operators } from '../../operators/index.js';
import { type User, Users } from '../../users/index.js';
import { authErrors } from '../auth.errors.js';
import type { Login, OrganizationSelection, SelectOrganization, TokenView } from '../sessions/session.dto.js';
import { SessionEntry } from '../sessions/session-entry.js';
import { type Device, Sessions } from '../sessions/session.service.js';
import { OneTimeTokens } from '../tokens/one-time-tokens.js';
import { Attempts } from './attempts.js';
import { PasswordHasher } from './password-hasher.js';
import { Passwords } from './passwords.js';

const SELECTION_SECONDS = 600;

/** From a password to a session, with a choice of the organization in between where there are several. */
@Injectable()
export class SignIn {
  constructor(
    private readonly db: Database,
    private readonly operators: Operators,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly hasher: PasswordHasher,
    private readonly tokens: OneTimeTokens,
    private readonly attempts: Attempts,
    private readonly entry: SessionEntry,
    private readonly sessions: Sessions,
  ) {}

  /**
   * Throws operators.not_found, auth.invalid_credentials, auth.email_not_verified, auth.account_blocked,
   * auth.organization_selection_required, auth.too_many_attempts, auth.busy, organizations.not_found, .suspended.
   */
  async login(operatorSlug: string, { email, password, organizationId }: Login, device: Device): Promise<TokenView> {
    const operator = await this.operators.findBySlug(operatorSlug);
    if (!operator) throw operatorErrors.not_found();
    await this.attempts.consume('login', operator.id, email);
    const user = await this.checkPassword(operator.id, email, password);
    await this.attempts.reset('login', operator.id, email);
    return this.begin(user, organizationId, device);
  }

  /** Throws operators.not_found, auth.invalid_one_time_token, organizations.not_found, organizations.suspended. */
  async select(operatorSlug: string, { selectionToken, organizationId }: SelectOrganization, device: Device): Promise<TokenView> {
    await this.attempts.consume('token', device.ip ?? '');
    const operator = await this.operators.findBySlug(operatorSlug);
    if (!operator) throw operatorErrors.not_found();
    return this.db.transaction(async (tx) => {
      const { userId } = await this.tokens.redeem(tx, 'select_organization', operator.id, selectionToken);
      const user = await this.users.get(tx, operator.id, { userId: userId ?? '' });
      if (user.blockedAt) throw authErrors.account_blocked();
      const entry = await this.entry.choose(tx, { userId: user.id, operatorId: operator.id }, organizationId);
      if (entry.kind === 'choice') throw authErrors.invalid_one_time_token();
      return this.sessions.start(tx, user, entry, device);
    });
  }

  private async begin(user: User, organizationId: string | undefined, device: Device): Promise<TokenView> {
    const person = { userId: user.id, operatorId: user.operatorId };
    const result = await this.db.transaction(async (tx): Promise<TokenView | OrganizationSelection> => {
      const entry = await this.entry.choose(tx, person, organizationId);
      if (entry.kind === 'entered') return this.sessions.start(tx, user, entry, device);
      const selectionToken = await this.tokens.issue(tx, { purpose: 'select_organization', ...person, ttlSeconds: SELECTION_SECONDS });
      return { selectionToken, organizations: entry.organizations };
    });
    if ('accessToken' in result) return result;
    throw authErrors.organization_selection_required({ data: { ...result } });
  }

  /** One hash is computed whatever the address is, so that neither answer nor time tells whether it has an account. */
  private async checkPassword(operatorId: string, email: string, password: string): Promise<User> {
    const reader = this.db.reader;
    const user = await this.users.findByEmail(reader, operatorId, email);
    const pending = user?.emailVerifiedAt ? null : await this.tokens.findPending(reader, 'verify_email', operatorId, email);
    const waiting = pending?.payload.passwordHash;
    const stored = typeof waiting === 'string' ? waiting : user && (await this.passwords.findHash(reader, user.id));
    const matches = await this.hasher.verify(stored ?? null, password);
    if (!matches) throw authErrors.invalid_credentials();
    if (!user?.emailVerifiedAt) throw authErrors.email_not_verified();
    if (user.blockedAt) throw authErrors.account_blocked();
    return user;
  }
}
