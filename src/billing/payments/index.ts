export { PaymentModule } from './payment.module.js';
export { PackageService } from './packages/package.service.js';
export { TopUpService } from './top-ups/top-up.service.js';
