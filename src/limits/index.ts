export { clientNetwork } from './client-network.js';
export { limitErrors } from './limit.errors.js';
export { LimitModule } from './limit.module.js';
export { assertLimits, LimitSettings } from './limit.settings.js';
export { RateLimitService } from './rate-limit.service.js';
export { CountsWrongSecrets } from './wrong-secret.interceptor.js';
