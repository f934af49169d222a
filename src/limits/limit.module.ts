import { Global, Module } from '@nestjs/common';
import { LimitMetrics } from './limit.metrics.js';
import { LimitSettings } from './limit.settings.js';
import { RateLimitService } from './rate-limit.service.js';
import { RateLimitStore } from './rate-limit.store.js';

/** Global, because every door counts. */
@Global()
@Module({
  providers: [LimitMetrics, LimitSettings, RateLimitService, RateLimitStore],
  exports: [LimitSettings, RateLimitService],
})
export class LimitModule {}
