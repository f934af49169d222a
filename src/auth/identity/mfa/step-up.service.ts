import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { type User, UserService } from '../../../users/index.js';
import {
  authErrors,
  FRESH_SECONDS,
  hasAny,
  lacksMethod,
  StepUpPolicy,
  stepUpRequired,
  StepUpStore,
  RefusedAttemptService,
} from '../../access/index.js';
import { ReauthenticationService } from '../passwords/reauthentication.service.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import { SessionStore } from '../sessions/session.store.js';
import { assertOneAnswer } from './factor-answer.js';
import type { StepUp, StepUpView } from './mfa.dto.js';
import { MfaEvents } from './mfa.events.js';
import { RateLimitService } from '../../../limits/index.js';
import { OneTimeTokenService } from '../tokens/one-time-token.service.js';
import { SecondFactorService } from './second-factor.service.js';

const FAILED = ['auth.wrong_code', 'auth.wrong_password', 'auth.too_many_attempts'];

const MAGIC_LINK = 'magic_link';

/**
 * Lets a user prove again who they are: with a second factor if they have one, otherwise with the password or a link that
 * is mailed to them.
 */
@Injectable()
export class StepUpService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly factors: SecondFactorService,
    private readonly passkeys: PasskeyService,
    private readonly reauthentication: ReauthenticationService,
    private readonly sessions: SessionStore,
    private readonly events: EventService,
    private readonly mfaEvents: MfaEvents,
    private readonly refused: RefusedAttemptService,
    private readonly policy: StepUpPolicy,
    private readonly proofs: StepUpStore,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
  ) {}

  async passkeyOptions(access: PersonAccess): Promise<object> {
    return this.passkeys.factorOptions(await this.self(access));
  }

  /** Requires a second factor if the user has one, which then counts for the session as well. */
  async prove(access: PersonAccess, input: StepUp): Promise<StepUpView> {
    assertOneAnswer(input, 'password', 'mailedCode', 'code', 'recoveryCode', 'credential');
    const user = await this.self(access);
    const account = { operatorId: user.operatorId, subjectId: user.id };
    await this.refused.noting('session.step_up_failed', account, FAILED, () => {
      if (input.password !== undefined) return this.byPassword(access, user, input.password);
      if (input.mailedCode !== undefined) return this.byMail(access, user, input.mailedCode);
      return this.byFactor(access, user, input);
    });
    const proof = await this.proofs.proofOf(this.db.reader, access.actor.sessionId);
    return { freshUntil: new Date(Date.now() + (FRESH_SECONDS - (proof?.ageSeconds ?? 0)) * 1000).toISOString() };
  }

  private async byPassword(access: PersonAccess, user: User, password: string): Promise<void> {
    const afterFactor = await this.assertAccepted(access, user, 'password');
    await this.reauthentication.prove(user, password, access.actor.origin.ip);
    await this.db.transaction((tx) => this.provedBy(tx, access, 'password', afterFactor));
  }

  /** Takes the code of a magic link, which proves that the user reads the mail of the account's address now. */
  private async byMail(access: PersonAccess, user: User, code: string): Promise<void> {
    await this.rateLimits.consume('sign_in_steps', access.actor.origin.ip ?? '');
    const afterFactor = await this.assertAccepted(access, user, 'magic_link');
    await this.db.transaction(async (tx) => {
      const { userId, email } = await this.tokens.redeem(tx, MAGIC_LINK, user.operatorId, code);
      if (userId !== user.id || email !== user.email) throw authErrors.invalid_one_time_token();
      await this.tokens.withdraw(tx, MAGIC_LINK, user.id);
      await this.provedBy(tx, access, 'magic_link', afterFactor);
    });
  }

  /** Returns whether the method goes with a factor that was shown before. Throws auth.step_up_required. */
  private async assertAccepted(
    { actor: { userId, sessionId } }: PersonAccess,
    user: User,
    method: 'password' | 'magic_link',
  ): Promise<boolean> {
    const { reader } = this.db;
    const session = await this.proofs.proofOf(reader, sessionId);
    const afterFactor = lacksMethod(session);
    const methods = await this.policy.ownMethods(reader, userId, session, afterFactor);
    if (!methods.includes(method)) throw stepUpRequired(methods);
    return afterFactor && hasAny(await this.factors.enrolled(reader, user.id));
  }

  /** With a factor, only the factor makes the proof fresh: the method beside it says what else the session may enter. */
  private async provedBy(
    tx: Tx,
    access: PersonAccess,
    method: 'password' | 'magic_link',
    afterFactor: boolean,
  ): Promise<void> {
    await this.sessions.proveMethod(tx, access.actor.sessionId, method);
    if (!afterFactor) await this.sessions.prove(tx, access.actor.sessionId, null);
    await this.record(tx, access, method);
  }

  private byFactor(access: PersonAccess, user: User, input: StepUp): Promise<void> {
    return this.factors.trying(user, { ip: access.actor.origin.ip }, () =>
      this.db.transaction(async (tx) => {
        const factor = await this.factors.prove(tx, user, input);
        if (!factor) throw authErrors.wrong_code();
        if (factor === 'recovery_code') await this.mfaEvents.factor(tx, access.actor, user, 'mfa.recovery_code_used');
        await this.sessions.prove(tx, access.actor.sessionId, factor);
        if (factor === 'passkey') await this.sessions.proveMethod(tx, access.actor.sessionId, factor);
        await this.record(tx, access, factor);
      }),
    );
  }

  private record(tx: Tx, access: PersonAccess, by: string): Promise<void> {
    const { actor, homeOperatorId } = access;
    const subject = { type: 'session', id: actor.sessionId };
    return this.events.record(
      tx,
      { kind: 'operator', id: homeOperatorId },
      { type: 'session.proved', actor, subject, after: { by } },
    );
  }

  private self({ actor, homeOperatorId }: PersonAccess): Promise<User> {
    return this.users.get(this.db.reader, homeOperatorId, actor);
  }
}
