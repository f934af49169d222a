import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Piscina } from 'piscina';
import { commonErrors } from '../errors/index.js';
import type { DocumentContent } from './document.js';

const WORKER = new URL('./document.worker.js', import.meta.url).href;
const IDLE_MS = 60_000;
/** Documents that wait at most: each takes a few tenths of a second. */
const MAX_WAITING = 64;

/** Renders PDF documents beside the main thread, which would otherwise answer no one meanwhile. */
@Injectable()
export class DocumentRenderer implements OnModuleDestroy {
  private pool: Piscina<DocumentContent, Uint8Array> | undefined;

  async pdf(content: DocumentContent): Promise<Buffer> {
    this.pool ??= new Piscina({
      filename: WORKER,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      maxQueue: MAX_WAITING,
    });
    if (this.pool.queueSize >= MAX_WAITING) throw commonErrors.unavailable();
    return Buffer.from(await this.pool.run(content));
  }

  async onModuleDestroy(): Promise<void> {
    await this.pool?.destroy();
  }
}
