import { Injectable } from '@nestjs/common';
import { toDataURL } from 'qrcode';
import type { Actor, OperatorRef } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { OperatorService } from '../../../operators/index.js';
import type { MfaMethod } from '../../../settings/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, type Factor, hasAny, operatorOf, type Proof, RefusedAttemptService } from '../../access/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { mayEnrolDuringSignIn, type SignedIn, SignInService, tokensOf, type WaitingEntry } from './sign-in.service.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import type { Device } from '../sessions/session.service.js';
import { OneTimeTokenService } from '../tokens/one-time-token.service.js';
import type { CompleteMfa, EnrolmentView, EnrolDuringSignIn, SignInWithPasskey } from '../mfa/mfa.dto.js';
import { type FactorEvent, MfaEvents } from '../mfa/mfa.events.js';
import { assertOneAnswer, isCreation } from '../mfa/factor-answer.js';
import { SecondFactorService } from '../mfa/second-factor.service.js';
import { totpUri } from '../mfa/totp.js';

const PURPOSE = 'mfa';
const FAILED = ['auth.invalid_code', 'auth.too_many_attempts'];

/** Completes sign-ins that need a second factor, and signs in with a passkey, which counts as two factors. */
@Injectable()
export class SecondStepService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly factors: SecondFactorService,
    private readonly passkeys: PasskeyService,
    private readonly signIn: SignInService,
    private readonly events: MfaEvents,
    private readonly refused: RefusedAttemptService,
  ) {}

  /**
   * Proves a second factor, or confirms one that is enrolled during the sign-in. After a wrong code, the token can
   * still be used.
   */
  async complete(operatorSlug: string, input: CompleteMfa, device: Device): Promise<SignedIn> {
    assertOneAnswer(input, 'code', 'recoveryCode', 'credential');
    const { operator, user } = await this.begin(operatorSlug, input.mfaToken, device);
    const account = { operatorId: operator.id, subjectId: user.id };
    const result = await this.refused.noting('sign_in.failed', account, FAILED, () =>
      this.factors.trying(user, device, () =>
        this.db.transaction(async (tx) => {
          const { payload } = await this.tokens.redeem(tx, PURPOSE, operator.id, input.mfaToken);
          const { proof, into, vouched } = payload as unknown as WaitingEntry;
          const actor = personOf(user, device);
          const { factor, recoveryCodes } = await this.show(tx, actor, user, input, proof);
          const more = { ...proof, factors: [...new Set([...proof.factors, factor])] };
          const entered = await this.signIn.enter(tx, operator, user, into, more, device, vouched);
          return { ...entered, ...(recoveryCodes && { recoveryCodes }) };
        }),
      ),
    );
    return tokensOf(result);
  }

  /** Enrolls a factor for a user who needs a second factor and has none. */
  async enrol(operatorSlug: string, { mfaToken, method }: EnrolDuringSignIn, device: Device): Promise<EnrolmentView> {
    const { operator, user, waiting } = await this.begin(operatorSlug, mfaToken, device);
    const enrolled = await this.factors.enrolled(this.db.reader, user.id);
    if (!mayEnrolDuringSignIn(waiting.proof, enrolled))
      throw hasAny(enrolled) ? authErrors.mfa_already_enrolled() : authErrors.mfa_required();
    return this.enrolment(operator, user, method);
  }

  async enrolment(operator: OperatorRef, user: User, method: MfaMethod): Promise<EnrolmentView> {
    if (method === 'passkey') return { method, options: await this.passkeys.creationOptions(user, operator.name) };
    const secret = await this.factors.beginTotp(user.id);
    if (secret === null) throw authErrors.totp_already_enrolled();
    const uri = totpUri(secret, operator.name, user.email);
    return { method, secret, uri, qrCode: await toDataURL(uri) };
  }

  async passkeyOptions(operatorSlug: string, mfaToken: string | undefined, device: Device): Promise<object> {
    if (mfaToken === undefined) {
      await this.rateLimits.consume('sign_in_steps', device.ip ?? '');
      const { id } = await operatorOf(this.operators, operatorSlug);
      return this.passkeys.signInOptions(id);
    }
    const { user } = await this.begin(operatorSlug, mfaToken, device);
    return this.passkeys.factorOptions(user);
  }

  /**
   * Signs in with a passkey. It counts as two factors: possession, and the biometrics or PIN that the authenticator
   * asks for.
   */
  async withPasskey(
    operatorSlug: string,
    { credential, ...into }: SignInWithPasskey,
    device: Device,
  ): Promise<SignedIn> {
    await this.rateLimits.consume('sign_in_steps', device.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const result = await this.db.transaction(async (tx) => {
      const { userId } = await this.passkeys.signIn(tx, operator.id, credential);
      const user = await this.users.get(tx, operator.id, { userId });
      if (user.blockedAt) throw authErrors.blocked();
      const proof = { method: 'passkey', factors: ['passkey'], ssoOrganizationId: null } as const;
      return this.signIn.enter(tx, operator, user, into, proof, device);
    });
    return tokensOf(result);
  }

  /** Checks the answer. It may create a new factor if the user has none yet or has already proved one. */
  private async show(
    tx: Tx,
    actor: Actor,
    user: User,
    { code, recoveryCode, credential }: CompleteMfa,
    proof: Proof,
  ): Promise<{ factor: Factor; recoveryCodes?: string[] }> {
    const enrolled = await this.factors.enrolled(tx, user.id);
    const mayEnrol = mayEnrolDuringSignIn(proof, enrolled);
    const created = mayEnrol && credential && isCreation(credential) ? credential : null;
    const confirms = mayEnrol && code !== undefined && !enrolled.totp;
    if (!created && !confirms) {
      const factor = await this.factors.prove(tx, user, { code, recoveryCode, credential });
      if (!factor) throw authErrors.invalid_code();
      if (factor === 'recovery_code') await this.record(tx, actor, user, 'mfa.recovery_code_used');
      return { factor };
    }
    // A reset of the factors holds this lock. If it waits for the token of this sign-in, one of the two starts over.
    await this.users.lock(tx, user.id);
    const had = await this.factors.enrolled(tx, user.id);
    if (!mayEnrolDuringSignIn(proof, had)) throw authErrors.invalid_code();
    const factor = created ? 'passkey' : 'totp';
    if (created) {
      const { id, name } = await this.passkeys.create(tx, user, created, 'Passkey');
      await this.events.passkey(tx, actor, user, 'passkey.added', id, { after: { name } });
    } else {
      if (!(await this.factors.confirmTotp(tx, user.id, code ?? ''))) throw authErrors.invalid_code();
      await this.record(tx, actor, user, 'mfa.totp_added');
    }
    if (hasAny(had)) return { factor };
    const recoveryCodes = await this.factors.newCodes(tx, user.id);
    await this.events.firstCodes(tx, actor, user);
    return { factor, recoveryCodes };
  }

  /** Returns the user whose sign-in waits, without using the token. */
  private async begin(operatorSlug: string, mfaToken: string, { ip }: Device) {
    await this.rateLimits.consume('sign_in_steps', ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { userId, payload } = await this.tokens.look(this.db.reader, PURPOSE, operator.id, mfaToken);
    const user = await this.users.get(this.db.reader, operator.id, { userId: userId ?? '' });
    if (user.blockedAt) throw authErrors.blocked();
    return { operator, user, waiting: payload as unknown as WaitingEntry };
  }

  private record(tx: Tx, actor: Actor, user: User, type: FactorEvent): Promise<void> {
    return this.events.factor(tx, actor, user, type);
  }
}

const personOf = ({ id }: User, { requestId, ip }: Device): Actor => ({
  type: 'user',
  userId: id,
  sessionId: null,
  origin: { requestId, ip },
});
