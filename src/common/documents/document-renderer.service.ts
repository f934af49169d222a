import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { OwnerQueue, WorkerPool } from '../workers/index.js';
import type { DocumentContent } from './document.js';

const MAX_WAITING = { ofOne: 32, ofAll: 256 };

/**
 * Renders PDF documents beside the main thread, which would otherwise answer no one meanwhile. Organizations take turns, so
 * that one with many documents does not delay the others.
 */
@Injectable()
export class DocumentRenderer implements OnModuleDestroy {
  private readonly pool = new WorkerPool<DocumentContent, Uint8Array>(
    new URL('./document.worker.js', import.meta.url).href,
  );
  private readonly queue = new OwnerQueue((content: DocumentContent) => this.pool.run(content), MAX_WAITING);

  /** Throws `unavailable` when too many documents wait. */
  async pdf(organizationId: string, content: DocumentContent): Promise<Buffer> {
    return Buffer.from(await this.queue.run(organizationId, content));
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.destroy();
  }
}
