import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { WorkerPool } from '../../common/workers/index.js';

/** Sanitizes SVGs beside the main thread: the library takes most of a second and 90 MB to load. */
@Injectable()
export class SvgSanitizer implements OnModuleDestroy {
  private readonly pool = new WorkerPool<Uint8Array, string | null>(
    new URL('./logo-svg.worker.js', import.meta.url).href,
  );

  /** As `sanitizeSvg`. Throws `unavailable` when too many files wait or when this one takes too long. */
  sanitize(bytes: Buffer): Promise<string | null> {
    return this.pool.run(bytes);
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.destroy();
  }
}
