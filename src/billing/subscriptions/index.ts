export { SubscriptionModule } from './subscription.module.js';
export { Subscriptions } from './subscription.service.js';
