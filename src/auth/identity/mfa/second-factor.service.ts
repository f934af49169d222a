import { Injectable } from '@nestjs/common';
import { type CiphertextLocation, SecretBox } from '../../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import type { User } from '../../../users/index.js';
import { type AttemptOrigin, SignInThrottle } from '../throttling/sign-in-throttle.service.js';
import { type EnrolledFactors, type Factor, StepUpStore } from '../../access/index.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import type { CredentialJson } from '../passkeys/relying-party.js';
import { MfaStore } from './mfa.store.js';
import { newRecoveryCodes, typedCode } from './recovery-codes.js';
import { newTotpSecret, stepOf } from './totp.js';

export interface FactorAnswer {
  code?: string | undefined;
  recoveryCode?: string | undefined;
  credential?: CredentialJson | undefined;
}

const TOTP = 'totp';
const secretOf = (userId: string): CiphertextLocation => ({ table: 'totp_factors', column: 'secret', row: [userId] });
const RECOVERY = 'recovery-code';

/** Verifies authenticator apps and recovery codes, and limits attempts at them. */
@Injectable()
export class SecondFactorService {
  constructor(
    private readonly db: Database,
    private readonly store: MfaStore,
    private readonly stepUps: StepUpStore,
    private readonly passkeys: PasskeyService,
    private readonly throttle: SignInThrottle,
    private readonly secrets: SecretBox,
  ) {}

  enrolled(reader: Reader, userId: string): Promise<EnrolledFactors> {
    return this.stepUps.enrolled(reader, userId);
  }

  /**
   * Runs `work` with one attempt counted before it, and resets the counter after success. The count is exact across
   * servers.
   */
  trying<T>({ operatorId, email }: User, from: AttemptOrigin, work: () => Promise<T>): Promise<T> {
    return this.throttle.counted('code_attempts', { operatorId, email, from }, work);
  }

  /** Returns the factor that was proved, or null if the answer is wrong or was used before. */
  async prove(tx: Tx, user: User, { code, recoveryCode, credential }: FactorAnswer): Promise<Factor | null> {
    if (credential) return (await this.passkeys.proveFactor(tx, user, credential)) ? 'passkey' : null;
    if (code !== undefined) {
      const totp = await this.store.findTotp(tx, user.id);
      const step = totp?.confirmedAt
        ? await stepOf(this.secrets.decrypt(TOTP, secretOf(user.id), totp.secret), code)
        : null;
      return step !== null && (await this.store.useStep(tx, user.id, step)) ? 'totp' : null;
    }
    const hash = this.hashOf(user.id, recoveryCode ?? '');
    return (await this.store.useCode(tx, user.id, hash)) ? 'recovery_code' : null;
  }

  /** Returns a new secret that waits for its first code, or null if an app is already enrolled. */
  async beginTotp(userId: string): Promise<string | null> {
    const secret = newTotpSecret();
    const begun = await this.db.transaction((tx) =>
      this.store.beginTotp(tx, userId, this.secrets.encrypt(TOTP, secretOf(userId), secret)),
    );
    return begun ? secret : null;
  }

  /** Returns false if the code is wrong or no app waits for confirmation. */
  async confirmTotp(tx: Tx, userId: string, code: string): Promise<boolean> {
    const totp = await this.store.findTotp(tx, userId);
    if (!totp || totp.confirmedAt) return false;
    const step = await stepOf(this.secrets.decrypt(TOTP, secretOf(userId), totp.secret), code);
    return step !== null && this.store.confirmTotp(tx, userId, totp.secret, step);
  }

  removeTotp(tx: Tx, userId: string): Promise<boolean> {
    return this.store.removeTotp(tx, userId);
  }

  /** Removes the app, confirmed or not, and the recovery codes. Call it under the user's lock. */
  async removeAll(tx: Tx, userId: string): Promise<void> {
    await this.store.removeAnyTotp(tx, userId);
    await this.store.removeCodes(tx, userId);
  }

  /** Replaces all recovery codes and returns the new ones, which are shown once. Call it under the user's lock. */
  async newCodes(tx: Tx, userId: string): Promise<string[]> {
    const codes = newRecoveryCodes();
    await this.store.replaceCodes(
      tx,
      userId,
      codes.map((code) => this.hashOf(userId, code)),
    );
    return codes;
  }

  /** Removes the recovery codes, which are useless without a factor. */
  removeCodes(tx: Tx, userId: string): Promise<void> {
    return this.store.removeCodes(tx, userId);
  }

  private hashOf(userId: string, code: string): string {
    return this.secrets.sign(RECOVERY, `${userId} ${typedCode(code)}`);
  }
}
