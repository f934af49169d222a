import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/access/index.js';
import type { Tx } from '../../common/database/index.js';
import { Events } from '../../events/index.js';
import type { User } from '../../users/index.js';

export type FactorEvent =
  'mfa.totp_added' | 'mfa.totp_removed' | 'mfa.recovery_codes_created' | 'mfa.recovery_code_used';
export type PasskeyEvent = 'passkey.added' | 'passkey.renamed' | 'passkey.removed';

/** What happens to the second factors of a person is told to his operator. */
@Injectable()
export class MfaEvents {
  constructor(private readonly events: Events) {}

  factor(tx: Tx, actor: Actor, { id, operatorId }: Pick<User, 'id' | 'operatorId'>, type: FactorEvent): Promise<void> {
    return this.events.record(tx, { kind: 'operator', id: operatorId }, { type, actor, subject: { type: 'user', id } });
  }

  passkey(
    tx: Tx,
    actor: Actor,
    { operatorId }: Pick<User, 'operatorId'>,
    type: PasskeyEvent,
    id: string,
    changes: { before?: object; after?: object },
  ): Promise<void> {
    const subject = { type: 'passkey', id };
    return this.events.record(tx, { kind: 'operator', id: operatorId }, { type, actor, subject, ...changes });
  }
}
