import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { Config } from '../../common/config/index.js';
import { commonErrors } from '../../common/errors/index.js';

const WINDOW_MS = 1000;
/** More than one server can answer within a window; what comes on top shares one count, so memory stays bounded. */
const MAX_KEYS = 50_000;
const OVERFLOW = '';

export const UNLIMITED = 'trellis:unlimited';
/** Tells the builder of openapi.json; not part of the document. */
export const UNLIMITED_EXTENSION = 'x-unlimited';

/** The route is not counted by the request limiter: probes and metrics must not run dry, charges have bounded queues. */
export const Unlimited = () => applyDecorators(SetMetadata(UNLIMITED, true), ApiExtension(UNLIMITED_EXTENSION, true));

/**
 * Counts requests of one credential, or address, on this server: at most RATE_LIMIT within each second. Synchronous and
 * in process, since it stands in front of every request.
 */
@Injectable()
export class RequestLimiter {
  private readonly counts = new Map<string, number>();
  private windowEnd = 0;

  constructor(private readonly config: Config) {}

  /** Throws rate_limited. */
  consume(credentialOrIp: string): void {
    // Monotonic: a clock that is set back must not keep anybody out.
    const now = performance.now();
    if (now >= this.windowEnd) {
      this.counts.clear();
      this.windowEnd = now + WINDOW_MS;
    }
    const full = this.counts.size >= MAX_KEYS && !this.counts.has(credentialOrIp);
    const key = full ? OVERFLOW : credentialOrIp;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    if (count > this.config.rateLimit) {
      throw commonErrors.rate_limited({ retryAfterSeconds: (this.windowEnd - now) / 1000 });
    }
  }
}
