import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../../../common/access/index.js';
import { Database } from '../../../database/index.js';
import { MailOutbox } from '../../../mail/index.js';
import { UserService } from '../../../users/index.js';
import { authErrors, hasAny } from '../../access/index.js';
import { StaffAuthorityService } from '../staff-authority.service.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import { SessionService } from '../sessions/session.service.js';
import { OneTimeTokenService, type Purpose, SIGN_IN_STEPS } from '../tokens/one-time-token.service.js';
import { MfaEvents } from './mfa.events.js';
import { SecondFactorService } from './second-factor.service.js';

/** Purposes of tokens that wait for a removed factor. */
const WITHDRAWN: readonly Purpose[] = [...SIGN_IN_STEPS, 'passkey_factor', 'passkey_creation'];

/**
 * Helps users who lost all their second factors. Only the operator's staff can do this, because an account belongs to
 * no single organization.
 */
@Injectable()
export class FactorResetService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly authority: StaffAuthorityService,
    private readonly factors: SecondFactorService,
    private readonly passkeys: PasskeyService,
    private readonly sessions: SessionService,
    private readonly tokens: OneTimeTokenService,
    private readonly events: MfaEvents,
    private readonly mails: MailOutbox,
  ) {}

  async reset(access: PersonAccess, userId: string): Promise<void> {
    const { actor, operator } = access;
    await this.db.transaction(async (tx) => {
      await this.users.get(tx, operator.id, { userId });
      const user = await this.users.lock(tx, userId);
      await this.authority.assertMayActOn(tx, access, user);
      const enrolled = await this.factors.enrolled(tx, user.id);
      if (!hasAny(enrolled)) throw authErrors.mfa_not_enrolled();
      await this.factors.removeAll(tx, user.id);
      const passkeys = await this.passkeys.removeAll(tx, user.id);
      await this.tokens.withdraw(tx, WITHDRAWN, user.id);
      await this.sessions.endAllIn(tx, actor, operator.id, user.id, 'factors_reset');
      await this.events.factor(tx, actor, user, 'mfa.reset', { before: { totp: enrolled.totp, passkeys } });
    });
    this.mails.wake();
  }
}
