import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, FRESH_SECONDS, hasAny, stepUpRequired } from '../../access/index.js';
import { PasswordStore } from '../passwords/password.store.js';
import { ReauthenticationService } from '../passwords/reauthentication.service.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import { SessionStore } from '../sessions/session.store.js';
import { assertOneAnswer } from './factor-answer.js';
import type { StepUp, StepUpView } from './mfa.dto.js';
import { MfaEvents } from './mfa.events.js';
import { SecondFactorService } from './second-factor.service.js';

/** Lets a user prove again who they are: with a second factor if they have one, otherwise with the password. */
@Injectable()
export class StepUpService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly factors: SecondFactorService,
    private readonly passkeys: PasskeyService,
    private readonly passwords: PasswordStore,
    private readonly reauthentication: ReauthenticationService,
    private readonly sessions: SessionStore,
    private readonly events: EventService,
    private readonly mfaEvents: MfaEvents,
  ) {}

  async passkeyOptions(access: PersonAccess): Promise<object> {
    return this.passkeys.factorOptions(await this.self(access));
  }

  /** Requires a second factor if the user has one, which then counts for the session as well. */
  async prove(access: PersonAccess, input: StepUp): Promise<StepUpView> {
    assertOneAnswer(input, 'password', 'code', 'recoveryCode', 'credential');
    const user = await this.self(access);
    await (input.password === undefined
      ? this.byFactor(access, user, input)
      : this.byPassword(access, user, input.password));
    return { freshUntil: new Date(Date.now() + FRESH_SECONDS * 1000).toISOString() };
  }

  private async byPassword(access: PersonAccess, user: User, password: string): Promise<void> {
    const enrolled = await this.factors.enrolled(this.db.reader, user.id);
    const hash = await this.passwords.findHash(this.db.reader, user.id);
    if (hasAny(enrolled) || !hash) throw stepUpRequired(enrolled, false);
    await this.reauthentication.prove(user, password, access.actor.origin.ip);
    await this.db.transaction(async (tx) => {
      await this.sessions.prove(tx, access.actor.sessionId, null);
      await this.record(tx, access, 'password');
    });
  }

  private byFactor(access: PersonAccess, user: User, input: StepUp): Promise<void> {
    return this.factors.trying(user, access.actor.origin.ip, () =>
      this.db.transaction(async (tx) => {
        const factor = await this.factors.prove(tx, user, input);
        if (!factor) throw authErrors.wrong_code();
        if (factor === 'recovery_code') await this.mfaEvents.factor(tx, access.actor, user, 'mfa.recovery_code_used');
        await this.sessions.prove(tx, access.actor.sessionId, factor);
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
