import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../common/access/index.js';
import type { Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import type { User } from '../../../users/index.js';
import { type AccountChange, AccountNoticeService } from '../account-notice.service.js';

export type FactorEvent =
  'mfa.totp_added' | 'mfa.totp_removed' | 'mfa.recovery_codes_created' | 'mfa.recovery_code_used' | 'mfa.reset';
export type PasskeyEvent = 'passkey.added' | 'passkey.renamed' | 'passkey.removed';

const TOLD: Partial<Record<FactorEvent | PasskeyEvent, AccountChange>> = {
  'mfa.totp_added': 'totp_added',
  'mfa.totp_removed': 'totp_removed',
  'mfa.recovery_codes_created': 'recovery_codes_created',
  'mfa.recovery_code_used': 'recovery_code_used',
  'mfa.reset': 'factors_reset',
  'passkey.added': 'passkey_added',
  'passkey.removed': 'passkey_removed',
};

/** Records what happens to a user's second factors and notifies the user by email. */
@Injectable()
export class MfaEvents {
  constructor(
    private readonly events: EventService,
    private readonly notices: AccountNoticeService,
  ) {}

  async factor(tx: Tx, actor: Actor, user: User, type: FactorEvent, changes: { before?: object } = {}): Promise<void> {
    await this.record(tx, actor, user, type, { type: 'user', id: user.id }, changes);
    await this.tell(tx, actor, user, type);
  }

  /** Recovery codes that come with the first factor need no email of their own. */
  firstCodes(tx: Tx, actor: Actor, user: User): Promise<void> {
    return this.record(tx, actor, user, 'mfa.recovery_codes_created', { type: 'user', id: user.id });
  }

  async passkey(
    tx: Tx,
    actor: Actor,
    user: User,
    type: PasskeyEvent,
    id: string,
    changes: { before?: object; after?: object },
  ): Promise<void> {
    await this.record(tx, actor, user, type, { type: 'passkey', id }, changes);
    await this.tell(tx, actor, user, type, id);
  }

  private async tell(
    tx: Tx,
    actor: Actor,
    user: User,
    type: FactorEvent | PasskeyEvent,
    passkeyId?: string,
  ): Promise<void> {
    const change = TOLD[type];
    if (change) await this.notices.changed(tx, actor, user, change, passkeyId);
  }

  private record(
    tx: Tx,
    actor: Actor,
    { operatorId }: User,
    type: FactorEvent | PasskeyEvent,
    subject: { type: string; id: string },
    changes: { before?: object; after?: object } = {},
  ): Promise<void> {
    return this.events.record(tx, { kind: 'operator', id: operatorId }, { type, actor, subject, ...changes });
  }
}
