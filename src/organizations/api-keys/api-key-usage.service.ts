import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../../database/index.js';
import { ApiKeyStore } from './api-key.store.js';

const NOTED_MS = 60_000;
/** With more keys in use, some are recorded more often than needed. The store drops the extra writes. */
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
  ) {}

  note(organizationId: string, id: string): void {
    if (this.noted.has(id)) return;
    this.noted.set(id, true);
    const write = this.db
      .transaction((tx) => this.store.touch(tx, organizationId, id), { keepsAccess: true })
      .catch((error: unknown) => this.log.warn(`cannot record the use of an API key: ${String(error)}`))
      .finally(() => this.writing.delete(write));
    this.writing.add(write);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.writing);
  }
}
