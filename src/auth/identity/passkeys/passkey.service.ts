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

const MAX_PASSKEYS = 25;

function assertRoom(known: readonly Passkey[]): void {
  if (known.length >= MAX_PASSKEYS) throw authErrors.too_many_passkeys();
}

/** Runs the WebAuthn ceremonies. Each challenge can be answered once. */
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

  /** Returns options for `navigator.credentials.create`. */
  async creationOptions(user: User, operatorName: string): Promise<object> {
    const known = await this.store.list(this.db.reader, user.id);
    assertRoom(known);
    const challenge = await this.challenge('passkey_creation', user.operatorId, user.id);
    return this.party.creationOptions(challenge, operatorName, user, known);
  }

  /** Adds a passkey under the user's lock, because many can wait for the answer to their options. */
  async create(tx: Tx, user: User, credential: CredentialJson, name: string): Promise<Passkey> {
    assertRoom(await this.store.list(tx, user.id));
    const challenge = await this.redeem(tx, 'passkey_creation', user.operatorId, credential, user.id);
    const made = challenge && (await this.party.verifyCreation(credential, challenge));
    if (!made) throw authErrors.passkey_rejected();
    const id = newId();
    await this.store.insert(tx, { id, userId: user.id, name, ...made });
    const passkey = await this.store.find(tx, user.id, id);
    if (!passkey) throw authErrors.passkey_not_found();
    return passkey;
  }

  /** Returns options for `navigator.credentials.get` that sign in with any passkey of this deployment. */
  async signInOptions(operatorId: string): Promise<object> {
    return this.party.requestOptions(await this.challenge('passkey_sign_in', operatorId));
  }

  /** Returns options for `navigator.credentials.get` that prove a second factor of the user. */
  async factorOptions({ id, operatorId }: User): Promise<object> {
    const known = await this.store.list(this.db.reader, id);
    return this.party.requestOptions(await this.challenge('passkey_factor', operatorId, id), known);
  }

  /** Returns the owner of the passkey. Requires that the authenticator verified the user by biometrics or PIN. */
  async signIn(tx: Tx, operatorId: string, credential: CredentialJson): Promise<{ userId: string }> {
    const challenge = await this.redeem(tx, 'passkey_sign_in', operatorId, credential);
    const userId = challenge && (await this.ownerOf(tx, operatorId, credential, challenge, true));
    if (!userId) throw authErrors.passkey_invalid();
    return { userId };
  }

  /**
   * Tells whether the credential is one of the user's passkeys. The challenge stays used unless `tx` is rolled back.
   */
  async proveFactor(tx: Tx, { id, operatorId }: User, credential: CredentialJson): Promise<boolean> {
    const challenge = await this.redeem(tx, 'passkey_factor', operatorId, credential, id);
    return challenge !== null && (await this.ownerOf(tx, operatorId, credential, challenge, false)) === id;
  }

  async rename(tx: Tx, userId: string, id: string, name: string): Promise<{ before: string; passkey: Passkey }> {
    const passkey = await this.store.find(tx, userId, id);
    if (!passkey) throw authErrors.passkey_not_found();
    await this.store.rename(tx, id, name);
    return { before: passkey.name, passkey: { ...passkey, name } };
  }

  async remove(tx: Tx, userId: string, id: string): Promise<Passkey> {
    const passkey = await this.store.find(tx, userId, id);
    if (!passkey || !(await this.store.remove(tx, userId, id))) throw authErrors.passkey_not_found();
    return passkey;
  }

  removeAll(tx: Tx, userId: string): Promise<number> {
    return this.store.removeAll(tx, userId);
  }

  /** Returns the owner of the passkey that answers the challenge, or null. */
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

  /** Uses the answered challenge. Returns null if it was issued for another purpose or was already answered. */
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
