import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/access/index.js';
import type { Tx } from '../database/index.js';
import { EventService } from '../events/index.js';
import { OperatorApiKeyService } from '../operators/index.js';
import { PersonStore } from './person.store.js';

/** Revokes the API keys that a user created, when the user is blocked or erased. */
@Injectable()
export class PersonalApiKeyService {
  constructor(
    private readonly store: PersonStore,
    private readonly operatorKeys: OperatorApiKeyService,
    private readonly events: EventService,
  ) {}

  /** Revokes the keys of all operators and organizations, with an event in each. Call it under the user's lock. */
  async revokeAll(tx: Tx, actor: Actor, userId: string): Promise<void> {
    await this.operatorKeys.revokeOf(tx, actor, userId);
    for (const { id, organizationId, name } of await this.store.revokeApiKeys(tx, userId))
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        { type: 'api_key.revoked', actor, subject: { type: 'api_key', id }, before: { name } },
      );
  }
}
