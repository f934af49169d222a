import { Injectable } from '@nestjs/common';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { newId } from '../../../common/ids/index.js';
import type { User } from '../../../users/index.js';
import { authErrors } from '../../access/index.js';
import { OneTimeTokenService, type Purpose } from '../tokens/one-time-token.service.js';
import type { Passkey } from './passkey.entity.js';
import { PasskeyStore } from './passkey.store.js';
import { CEREMONY_SECONDS, challengeOf, type CredentialJson, isHandleOf, RelyingParty } from './relying-party.js';

/** So many that nobody needs more. */
const MAX_PASSKEYS = 25;

/** The ceremonies of WebAuthn: asking for a passkey and taking the answer, each once. */
@Injectable()
export class PasskeyService {
  constructor(
    private readonly db: Database,
    private readonly store: PasskeyStore,
    private readonly party: RelyingParty,
    private readonly tokens: OneTimeTokenService,
  ) {}

  list(reader: Reader, userId: string): Promise<Passkey[]> {
    return this.store.list(reader, userId);
  }

  /** For `navigator.credentials.create`. Throws auth.too_many_passkeys. */
  async creationOptions(user: User, operatorName: string): Promise<object> {
    const known = await this.store.list(this.db.reader, user.id);
    if (known.length >= MAX_PASSKEYS) throw authErrors.too_many_passkeys();
    const challenge = await this.challenge('passkey_creation', user.operatorId, user.id);
    return this.party.creationOptions(challenge, operatorName, user, known);
  }

  /** Throws auth.passkey_rejected, auth.passkey_known. */
  async create(tx: Tx, user: User, credential: CredentialJson, name: string): Promise<Passkey> {
    const challenge = await this.redeem(tx, 'passkey_creation', user.operatorId, credential, user.id);
    const made = challenge && (await this.party.verifyCreation(credential, challenge));
    if (!made) throw authErrors.passkey_rejected();
    const id = newId();
    await this.store.insert(tx, { id, userId: user.id, name, ...made });
    const passkey = await this.store.find(tx, user.id, id);
    if (!passkey) throw authErrors.passkey_not_found();
    return passkey;
  }

  /** For `navigator.credentials.get`, to sign in: whoever has a passkey for this deployment. */
  async signInOptions(operatorId: string): Promise<object> {
    return this.party.requestOptions(await this.challenge('passkey_sign_in', operatorId));
  }

  /** For the same as a second factor of somebody. */
  async factorOptions({ id, operatorId }: User): Promise<object> {
    const known = await this.store.list(this.db.reader, id);
    return this.party.requestOptions(await this.challenge('passkey_factor', operatorId, id), known);
  }

  /** Who signs in with it; its authenticator has asked for a finger, a face or a PIN. Throws auth.passkey_invalid. */
  async signIn(tx: Tx, operatorId: string, credential: CredentialJson): Promise<{ userId: string }> {
    const challenge = await this.redeem(tx, 'passkey_sign_in', operatorId, credential);
    const userId = challenge && (await this.ownerOf(tx, operatorId, credential, challenge, true));
    if (!userId) throw authErrors.passkey_invalid();
    return { userId };
  }

  /** Whether it is one of somebody's passkeys. What was used up stays so unless `tx` is rolled back. */
  async proveFactor(tx: Tx, { id, operatorId }: User, credential: CredentialJson): Promise<boolean> {
    const challenge = await this.redeem(tx, 'passkey_factor', operatorId, credential, id);
    return challenge !== null && (await this.ownerOf(tx, operatorId, credential, challenge, false)) === id;
  }

  /** Throws auth.passkey_not_found. */
  async rename(tx: Tx, userId: string, id: string, name: string): Promise<{ before: string; passkey: Passkey }> {
    const passkey = await this.store.find(tx, userId, id);
    if (!passkey) throw authErrors.passkey_not_found();
    await this.store.rename(tx, id, name);
    return { before: passkey.name, passkey: { ...passkey, name } };
  }

  /** Throws auth.passkey_not_found. */
  async remove(tx: Tx, userId: string, id: string): Promise<Passkey> {
    const passkey = await this.store.find(tx, userId, id);
    if (!passkey || !(await this.store.remove(tx, userId, id))) throw authErrors.passkey_not_found();
    return passkey;
  }

  /** Returns how many there were. */
  removeAll(tx: Tx, userId: string): Promise<number> {
    return this.store.removeAll(tx, userId);
  }

  /** Whose passkey answers the challenge; null when none does. */
  private async ownerOf(
    tx: Tx,
    operatorId: string,
    credential: CredentialJson,
    challenge: string,
    verifiesUser: boolean,
  ): Promise<string | null> {
    const { id } = credential;
    const passkey = typeof id === 'string' ? await this.store.findCredential(tx, operatorId, id) : null;
    if (!passkey || !isHandleOf(credential, passkey.userId)) return null;
    const known = { ...passkey, counter: Number(passkey.counter) };
    const counter = await this.party.verifyAnswer(credential, challenge, known, verifiesUser);
    return counter !== null && (await this.store.use(tx, passkey.id, counter)) ? passkey.userId : null;
  }

  private challenge(purpose: Purpose, operatorId: string, userId?: string): Promise<string> {
    return this.db.transaction(
      (tx) => this.tokens.issue(tx, { purpose, operatorId, ttlSeconds: CEREMONY_SECONDS, ...(userId && { userId }) }),
      { keepsAccess: true },
    );
  }

  /** The challenge that is answered, used up; null when it was not given out for this, or was answered before. */
  private async redeem(
    tx: Tx,
    purpose: Purpose,
    operatorId: string,
    credential: CredentialJson,
    userId: string | null = null,
  ): Promise<string | null> {
    const challenge = challengeOf(credential);
    if (challenge === null) return null;
    const issued = await this.tokens.redeem(tx, purpose, operatorId, challenge).catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
    return issued?.userId === userId ? challenge : null;
  }
}
