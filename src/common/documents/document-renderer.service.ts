import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { WorkerPool } from '../workers/index.js';
import type { DocumentContent } from './document.js';

/** Renders PDF documents beside the main thread, which would otherwise answer no one meanwhile. */
@Injectable()
export class DocumentRenderer implements OnModuleDestroy {
  private readonly pool = new WorkerPool<DocumentContent, Uint8Array>(
    new URL('./document.worker.js', import.meta.url).href,
  );

  async pdf(content: DocumentContent): Promise<Buffer> {
    return Buffer.from(await this.pool.run(content));
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.destroy();
  }
}
