export { BillingModule } from './billing.module.js';
export { Credits } from './ledger/credits.service.js';
export { Runs } from './runs/run.service.js';
export { Rollup } from './reports/rollup.schedule.js';
export { Subscriptions } from './subscriptions/subscription.service.js';
export { Verification } from './verification/verification.service.js';
