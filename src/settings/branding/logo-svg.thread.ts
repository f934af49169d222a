import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { sanitizeSvg } from './logo-svg.js';
import type { SvgResult, SvgTask } from './logo-svg.worker.js';

const WORKER = fileURLToPath(new URL('./logo-svg.worker.js', import.meta.url));
/** Far longer than any file that passes the checks of `sanitizeSvg` takes. */
const LIMIT_MS = 10_000;
/** Idle time after which the memory of the thread is released. */
const IDLE_MS = 60_000;

/**
 * Sanitizes SVGs in a worker thread. The library takes most of a second and 90 MB to load, which would block other
 * requests. Unbuilt code has no worker file and runs in this thread.
 */
@Injectable()
export class SvgThread implements OnApplicationShutdown {
  private readonly logger = new Logger('SvgThread');
  private readonly waiting = new Map<number, (safe: string | null) => void>();
  private worker: Worker | undefined;
  private idle: NodeJS.Timeout | undefined;
  private next = 0;

  /** As `sanitizeSvg`. Also returns null for a file that takes too long. */
  async sanitize(bytes: Buffer): Promise<string | null> {
    if (!existsSync(WORKER)) return sanitizeSvg(bytes);
    clearTimeout(this.idle);
    const worker = (this.worker ??= this.start());
    const id = this.next++;
    const late = setTimeout(() => this.stop('a logo took too long'), LIMIT_MS);
    try {
      return await new Promise((resolve) => {
        this.waiting.set(id, resolve);
        worker.postMessage({ id, bytes } satisfies SvgTask);
      });
    } finally {
      clearTimeout(late);
      if (this.waiting.size === 0) this.idle = setTimeout(() => this.stop(), IDLE_MS).unref();
    }
  }

  onApplicationShutdown(): void {
    clearTimeout(this.idle);
    this.stop();
  }

  private start(): Worker {
    const worker = new Worker(WORKER);
    worker.unref();
    worker.on('message', ({ id, safe }: SvgResult) => this.answer(id, safe));
    worker.on('error', (error) => {
      if (this.worker === worker) this.stop(`it failed: ${String(error)}`);
    });
    return worker;
  }

  /** Stops the thread and rejects all waiting files, because it is unknown which one caused the problem. */
  private stop(why?: string): void {
    if (why) this.logger.warn(`the thread for SVGs is stopped: ${why}`);
    void this.worker?.terminate();
    this.worker = undefined;
    for (const id of this.waiting.keys()) this.answer(id, null);
  }

  private answer(id: number, safe: string | null): void {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    resolve?.(safe);
  }
}
