export { ContentModule } from './content.module.js';
export { ContentService } from './publishing/content.service.js';
export { DeliveryService } from './publishing/delivery.service.js';
export { PublicationService } from './publishing/publication.service.js';
