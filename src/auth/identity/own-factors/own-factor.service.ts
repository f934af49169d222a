import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import type { MfaMethod } from '../../../settings/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, hasAny } from '../../access/index.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import { SessionStore } from '../sessions/session.store.js';
import {
  type ConfirmedTotpView,
  type CreatedPasskeyView,
  type CreatePasskey,
  type EnrolmentView,
  type MfaView,
  type PasskeysView,
  type PasskeyView,
  type RecoveryCodesView,
  toPasskeyView,
} from '../mfa/mfa.dto.js';
import { MfaEvents } from '../mfa/mfa.events.js';
import { SecondFactorService } from '../mfa/second-factor.service.js';
import { SecondStepService } from '../sign-in/second-step.service.js';

/** Manages the second factors of the signed-in user. */
@Injectable()
export class OwnFactorService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly factors: SecondFactorService,
    private readonly passkeys: PasskeyService,
    private readonly steps: SecondStepService,
    private readonly sessions: SessionStore,
    private readonly events: MfaEvents,
  ) {}

  async view(access: PersonAccess): Promise<MfaView> {
    const { userId } = access.actor;
    const enrolled = await this.factors.enrolled(this.db.reader, userId);
    return {
      enrolled: hasAny(enrolled),
      totp: enrolled.totp,
      passkeys: enrolled.passkey ? (await this.passkeys.list(this.db.reader, userId)).length : 0,
      recoveryCodesLeft: enrolled.recoveryCodes,
    };
  }

  async begin(access: PersonAccess, method: MfaMethod): Promise<EnrolmentView> {
    return this.steps.enrolment(access.operator, await this.self(this.db.reader, access), method);
  }

  async confirmTotp(access: PersonAccess, code: string): Promise<ConfirmedTotpView> {
    const user = await this.self(this.db.reader, access);
    return this.factors.trying(user, { ip: access.actor.origin.ip }, () =>
      this.db.transaction(async (tx) => {
        await this.lockSelf(tx, access);
        const before = await this.factors.enrolled(tx, user.id);
        if (!(await this.factors.confirmTotp(tx, user.id, code))) throw authErrors.wrong_code();
        await this.events.factor(tx, access.actor, user, 'mfa.totp_added');
        return this.gained(tx, access, user, 'totp', hasAny(before));
      }),
    );
  }

  removeTotp(access: PersonAccess): Promise<void> {
    return this.db.transaction(async (tx) => {
      const user = await this.lockSelf(tx, access);
      if (!(await this.factors.removeTotp(tx, user.id))) throw authErrors.totp_not_found();
      await this.events.factor(tx, access.actor, user, 'mfa.totp_removed');
      await this.forgetCodes(tx, user);
    });
  }

  renewCodes(access: PersonAccess): Promise<RecoveryCodesView> {
    return this.db.transaction(async (tx) => {
      const user = await this.lockSelf(tx, access);
      if (!hasAny(await this.factors.enrolled(tx, user.id))) throw authErrors.mfa_not_enrolled();
      const recoveryCodes = await this.factors.newCodes(tx, user.id);
      await this.events.factor(tx, access.actor, user, 'mfa.recovery_codes_created');
      return { recoveryCodes };
    });
  }

  async listPasskeys({ actor }: PersonAccess): Promise<PasskeysView> {
    return { items: (await this.passkeys.list(this.db.reader, actor.userId)).map(toPasskeyView) };
  }

  addPasskey(access: PersonAccess, { credential, name = 'Passkey' }: CreatePasskey): Promise<CreatedPasskeyView> {
    return this.db.transaction(async (tx) => {
      const user = await this.lockSelf(tx, access);
      const before = await this.factors.enrolled(tx, user.id);
      const passkey = await this.passkeys.create(tx, user, credential, name);
      await this.events.passkey(tx, access.actor, user, 'passkey.added', passkey.id, { after: { name } });
      return { ...toPasskeyView(passkey), ...(await this.gained(tx, access, user, 'passkey', hasAny(before))) };
    });
  }

  renamePasskey(access: PersonAccess, id: string, name: string): Promise<PasskeyView> {
    const { actor } = access;
    return this.db.transaction(async (tx) => {
      const { before, passkey } = await this.passkeys.rename(tx, actor.userId, id, name);
      const changes = { before: { name: before }, after: { name } };
      if (before !== name)
        await this.events.passkey(tx, actor, await this.self(tx, access), 'passkey.renamed', id, changes);
      return toPasskeyView(passkey);
    });
  }

  removePasskey(access: PersonAccess, id: string): Promise<void> {
    const { actor } = access;
    return this.db.transaction(async (tx) => {
      const user = await this.lockSelf(tx, access);
      const { name } = await this.passkeys.remove(tx, user.id, id);
      await this.events.passkey(tx, actor, user, 'passkey.removed', id, { before: { name } });
      await this.forgetCodes(tx, user);
    });
  }

  /** Issues recovery codes with the first factor. Marks the session, because enrolling a factor also proves it. */
  private async gained(
    tx: Tx,
    { actor }: PersonAccess,
    user: User,
    factor: MfaMethod,
    hadOne: boolean,
  ): Promise<{ recoveryCodes?: string[] }> {
    await this.sessions.prove(tx, actor.sessionId, factor);
    if (hadOne) return {};
    const recoveryCodes = await this.factors.newCodes(tx, user.id);
    await this.events.firstCodes(tx, actor, user);
    return { recoveryCodes };
  }

  private async forgetCodes(tx: Tx, { id }: User): Promise<void> {
    if (!hasAny(await this.factors.enrolled(tx, id))) await this.factors.removeCodes(tx, id);
  }

  /**
   * Locks the caller. Refuses a session that ended while the request waited: what ends the sessions of an account holds the
   * same lock, and a thief must not change the factors after it.
   */
  private async lockSelf(tx: Tx, { actor }: PersonAccess): Promise<User> {
    const user = await this.users.lock(tx, actor.userId);
    if (!(await this.sessions.keepOpen(tx, actor.sessionId))) throw authErrors.invalid_token();
    return user;
  }

  private self(reader: Reader, { actor, homeOperatorId }: PersonAccess): Promise<User> {
    return this.users.get(reader, homeOperatorId, actor);
  }
}
