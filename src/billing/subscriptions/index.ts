export { SubscriptionModule } from './subscription.module.js';
export { SubscriptionService } from './subscription.service.js';
