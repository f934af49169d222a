export { BillingModule } from './billing.module.js';
export { Verification } from './verification/verification.service.js';
