import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ApiKeyActor } from '../../common/access/index.js';
import { Database, type Tx } from '../../database/index.js';
import { OperatorApiKeyService } from '../../operators/index.js';
import { ApiKeyStore } from './api-key.store.js';

const NOTED_MS = 60_000;
/** With more keys in use, some are recorded more often than needed. The stores drop the extra writes. */
const REMEMBERED_KEYS = 10_000;

/** Records when keys were last used, in the background of the requests. */
@Injectable()
export class ApiKeyUsageService implements OnModuleDestroy {
  private readonly log = new Logger('ApiKeys');
  private readonly noted = new LRUCache<string, true>({ max: REMEMBERED_KEYS, ttl: NOTED_MS });
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly db: Database,
    private readonly store: ApiKeyStore,
    private readonly operatorKeys: OperatorApiKeyService,
  ) {}

  /** Records the use of a key of an organization. */
  note(organizationId: string, id: string): void {
    this.write(id, (tx) => this.store.touch(tx, organizationId, id));
  }

  /** Records the use of a key of an operator, which is an event too. */
  noteOfOperator(operatorId: string, actor: ApiKeyActor): void {
    this.write(actor.apiKeyId, (tx) => this.operatorKeys.noteUse(tx, actor, operatorId));
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.writing);
  }

  private write(id: string, touch: (tx: Tx) => Promise<void>): void {
    if (this.noted.has(id)) return;
    this.noted.set(id, true);
    const write = this.db
      .transaction(touch, { keepsAccess: true })
      .catch((error: unknown) => this.log.warn(`cannot record the use of an API key: ${String(error)}`))
      .finally(() => this.writing.delete(write));
    this.writing.add(write);
  }
}
