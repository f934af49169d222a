import { Global, Module } from '@nestjs/common';
import { LimitMetrics } from './limit.metrics.js';
import { LimitSettings } from './limit.settings.js';
import { RateLimitService } from './rate-limit.service.js';
import { RateLimitStore } from './rate-limit.store.js';
import { WrongSecretInterceptor } from './wrong-secret.interceptor.js';

/** Global, because every door counts. */
@Global()
@Module({
  providers: [LimitMetrics, LimitSettings, RateLimitService, RateLimitStore, WrongSecretInterceptor],
  exports: [LimitSettings, RateLimitService, WrongSecretInterceptor],
})
export class LimitModule {}
