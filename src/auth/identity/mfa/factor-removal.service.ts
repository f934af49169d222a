import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../common/access/index.js';
import type { Reader, Tx } from '../../../database/index.js';
import type { User } from '../../../users/index.js';
import { hasAny } from '../../access/index.js';
import { PasskeyService } from '../passkeys/passkey.service.js';
import { OneTimeTokenService, type Purpose, SIGN_IN_STEPS } from '../tokens/one-time-token.service.js';
import { MfaEvents } from './mfa.events.js';
import { MfaStore } from './mfa.store.js';

const RECENT_MS = 7 * 24 * 3600 * 1000;

/** Tokens of sign-ins and ceremonies that could still use a removed factor. */
const WITHDRAWN: readonly Purpose[] = [...SIGN_IN_STEPS, 'passkey_factor', 'passkey_creation'];

/** A factor that was added in the last seven days. `passkeyId` is null for the authenticator app. */
export interface RecentFactor {
  passkeyId: string | null;
  name: string;
  addedAt: Date;
}

/** Removes factors on behalf of a user who proved to own the mailbox of the account. All methods need the user's lock. */
@Injectable()
export class FactorRemovalService {
  constructor(
    private readonly store: MfaStore,
    private readonly passkeys: PasskeyService,
    private readonly tokens: OneTimeTokenService,
    private readonly events: MfaEvents,
  ) {}

  async recent(reader: Reader, userId: string): Promise<RecentFactor[]> {
    const since = Date.now() - RECENT_MS;
    const totp = await this.store.findTotp(reader, userId);
    const factors: RecentFactor[] = (await this.passkeys.list(reader, userId)).map(({ id, name, createdAt }) => ({
      passkeyId: id,
      name,
      addedAt: createdAt,
    }));
    if (totp?.confirmedAt) factors.push({ passkeyId: null, name: 'Authenticator app', addedAt: totp.confirmedAt });
    return factors.filter(({ addedAt }) => addedAt.getTime() > since);
  }

  async removeRecent(tx: Tx, actor: Actor, user: User): Promise<void> {
    for (const { passkeyId, addedAt } of await this.recent(tx, user.id))
      await (passkeyId ? this.removePasskey(tx, actor, user, passkeyId) : this.removeTotp(tx, actor, user, addedAt));
  }

  /** Does nothing if the passkey is gone. */
  async removePasskey(tx: Tx, actor: Actor, user: User, id: string): Promise<void> {
    if (!(await this.passkeys.list(tx, user.id)).some((passkey) => passkey.id === id)) return;
    const { name } = await this.passkeys.remove(tx, user.id, id);
    await this.events.passkey(tx, actor, user, 'passkey.removed', id, { before: { name } });
    await this.afterRemoval(tx, user.id);
  }

  /** Removes the authenticator app that was added at this instant, and no later one. */
  async removeTotp(tx: Tx, actor: Actor, user: User, addedAt: Date): Promise<void> {
    const totp = await this.store.findTotp(tx, user.id);
    if (totp?.confirmedAt?.getTime() !== addedAt.getTime()) return;
    await this.store.removeTotp(tx, user.id);
    await this.events.factor(tx, actor, user, 'mfa.totp_removed');
    await this.afterRemoval(tx, user.id);
  }

  removeCodes(tx: Tx, userId: string): Promise<void> {
    return this.store.removeCodes(tx, userId);
  }

  private async afterRemoval(tx: Tx, userId: string): Promise<void> {
    await this.tokens.withdraw(tx, WITHDRAWN, userId);
    const totp = await this.store.findTotp(tx, userId);
    const passkey = (await this.passkeys.list(tx, userId)).length > 0;
    if (!hasAny({ totp: Boolean(totp?.confirmedAt), passkey, recoveryCodes: 0 })) await this.removeCodes(tx, userId);
  }
}
