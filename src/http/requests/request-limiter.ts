import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { Config } from '../../common/config/index.js';
import { commonErrors } from '../../common/errors/index.js';

const WINDOW_MS = 1000;
/** Limit of keys in one window. All further keys share one count, so that memory stays bounded. */
const MAX_KEYS = 50_000;
const OVERFLOW = '';

export const UNLIMITED = 'trellis:unlimited';
/** Marks unlimited routes for the builder of openapi.json. Not part of the document. */
export const UNLIMITED_EXTENSION = 'x-unlimited';

/** Exempts a route from the request limiter: probes and metrics must always respond, and charges have bounded queues. */
export const Unlimited = () => applyDecorators(SetMetadata(UNLIMITED, true), ApiExtension(UNLIMITED_EXTENSION, true));

/**
 * Counts the requests of one credential or address on this server: at most RATE_LIMIT per second. Synchronous and in
 * process, because every request passes it.
 */
@Injectable()
export class RequestLimiter {
  private readonly counts = new Map<string, number>();
  private windowEnd = 0;

  constructor(private readonly config: Config) {}

  /** Counts a request. Throws rate_limited. */
  consume(credentialOrIp: string): void {
    // A monotonic clock, so that a change of the system time cannot lock clients out.
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
