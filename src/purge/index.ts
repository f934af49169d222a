export { PurgeScheduleModule } from './purge.module.js';
export { deletionOrder } from './purge.order.js';
export type { PurgeReport } from './purge.report.js';
export { PurgeService, type PurgeOptions } from './purge.service.js';
