export { ContentModule } from './content.module.js';
export { DeliveryService } from './publishing/delivery.service.js';
