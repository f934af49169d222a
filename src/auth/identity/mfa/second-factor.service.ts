import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import type { User } from '../../../users/index.js';
import { SignInThrottle } from '../throttling/sign-in-throttle.service.js';
import { type EnrolledFactors, type Factor, StepUpStore } from '../../access/index.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import type { CredentialJson } from '../passkeys/relying-party.js';
import { MfaStore } from './mfa.store.js';
import { newRecoveryCodes, typedCode } from './recovery-codes.js';
import { newTotpSecret, stepOf } from './totp.js';

/** One of the three. */
export interface FactorAnswer {
  code?: string | undefined;
  recoveryCode?: string | undefined;
  credential?: CredentialJson | undefined;
}

const TOTP = 'totp';
const RECOVERY = 'recovery-code';

/** Authenticator apps and recovery codes of people, and the tries at them. */
@Injectable()
export class SecondFactorService {
  constructor(
    private readonly db: Database,
    private readonly store: MfaStore,
    private readonly stepUps: StepUpStore,
    private readonly passkeys: PasskeyService,
    private readonly tries: SignInThrottle,
    private readonly secrets: SecretBox,
  ) {}

  enrolled(reader: Reader, userId: string): Promise<EnrolledFactors> {
    return this.stepUps.enrolled(reader, userId);
  }

  /**
   * Runs `work` with one try at a code counted before it, and all forgotten after it: also those at the same time on other
   * servers. Throws auth.too_many_attempts.
   */
  trying<T>({ operatorId, email }: User, ip: string | null, work: () => Promise<T>): Promise<T> {
    return this.tries.counted('code', { operatorId, email, ip }, work);
  }

  /** The factor that was shown, null when it is wrong or was used before. */
  async prove(tx: Tx, user: User, { code, recoveryCode, credential }: FactorAnswer): Promise<Factor | null> {
    if (credential) return (await this.passkeys.proveFactor(tx, user, credential)) ? 'passkey' : null;
    if (code !== undefined) {
      const totp = await this.store.findTotp(tx, user.id);
      const step = totp?.confirmedAt ? await stepOf(this.secrets.decrypt(TOTP, totp.secret), code) : null;
      return step !== null && (await this.store.useStep(tx, user.id, step)) ? 'totp' : null;
    }
    const hash = this.hashOf(user.id, recoveryCode ?? '');
    return (await this.store.useCode(tx, user.id, hash)) ? 'recovery_code' : null;
  }

  /** A new secret that waits for its first code; null when an app is enrolled already. */
  async beginTotp(userId: string): Promise<string | null> {
    const secret = newTotpSecret();
    const begun = await this.db.transaction((tx) =>
      this.store.beginTotp(tx, userId, this.secrets.encrypt(TOTP, secret)),
    );
    return begun ? secret : null;
  }

  /** False when the code is wrong, or there is nothing to confirm. */
  async confirmTotp(tx: Tx, userId: string, code: string): Promise<boolean> {
    const totp = await this.store.findTotp(tx, userId);
    if (!totp || totp.confirmedAt) return false;
    const step = await stepOf(this.secrets.decrypt(TOTP, totp.secret), code);
    return step !== null && this.store.confirmTotp(tx, userId, totp.secret, step);
  }

  removeTotp(tx: Tx, userId: string): Promise<boolean> {
    return this.store.removeTotp(tx, userId);
  }

  /** The app, confirmed or not, and the recovery codes. Under the person's lock. */
  async removeAll(tx: Tx, userId: string): Promise<void> {
    await this.store.removeAnyTotp(tx, userId);
    await this.store.removeCodes(tx, userId);
  }

  /** In place of all there were; shown once. Under the person's lock. */
  async newCodes(tx: Tx, userId: string): Promise<string[]> {
    const codes = newRecoveryCodes();
    await this.store.replaceCodes(
      tx,
      userId,
      codes.map((code) => this.hashOf(userId, code)),
    );
    return codes;
  }

  /** Without a factor there is nothing to recover. */
  removeCodes(tx: Tx, userId: string): Promise<void> {
    return this.store.removeCodes(tx, userId);
  }

  private hashOf(userId: string, code: string): string {
    return this.secrets.sign(RECOVERY, `${userId} ${typedCode(code)}`);
  }
}
