import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { commonErrors } from '../errors/index.js';
import { WorkerPool } from '../workers/index.js';
import type { DocumentContent } from './document.js';

/** Documents of one organization that may wait. */
const MAX_WAITING_OF_ONE = 32;
const MAX_WAITING = 256;

interface Waiting {
  content: DocumentContent;
  resolve: (bytes: Buffer) => void;
  reject: (error: unknown) => void;
}

/**
 * Renders PDF documents beside the main thread, which would otherwise answer no one meanwhile. Organizations take turns, so
 * that one with many documents does not delay the others.
 */
@Injectable()
export class DocumentRenderer implements OnModuleDestroy {
  private readonly pool = new WorkerPool<DocumentContent, Uint8Array>(
    new URL('./document.worker.js', import.meta.url).href,
  );
  /** By organization, in the order of their turns. */
  private readonly queues = new Map<string, Waiting[]>();
  private size = 0;
  private rendering = false;

  /** Throws `unavailable` when too many documents wait. */
  pdf(organizationId: string, content: DocumentContent): Promise<Buffer> {
    const queue = this.queues.get(organizationId) ?? [];
    if (queue.length >= MAX_WAITING_OF_ONE || this.size >= MAX_WAITING)
      return Promise.reject(commonErrors.unavailable());
    return new Promise((resolve, reject) => {
      queue.push({ content, resolve, reject });
      this.queues.set(organizationId, queue);
      this.size++;
      if (!this.rendering) void this.renderAll();
    });
  }

  private async renderAll(): Promise<void> {
    this.rendering = true;
    for (let next = this.take(); next; next = this.take()) {
      const { content, resolve, reject } = next;
      await this.pool.run(content).then((bytes) => resolve(Buffer.from(bytes)), reject);
    }
    this.rendering = false;
  }

  /** Takes one document of the organization whose turn it is, and moves that organization to the end. */
  private take(): Waiting | undefined {
    for (const [organizationId, queue] of this.queues) {
      const next = queue.shift();
      this.queues.delete(organizationId);
      if (queue.length > 0) this.queues.set(organizationId, queue);
      this.size--;
      return next;
    }
    return undefined;
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.destroy();
  }
}
