export { PaymentModule } from './payment.module.js';
export { TopUpService } from './top-ups/top-up.service.js';
