export { PurgeModule, PurgeScheduleModule } from './purge.module.js';
export { deletionOrder, type OwnedTable, type PurgeKind } from './purge.order.js';
export type { PurgeItem, PurgeReport, PurgeState, RowCounts } from './purge.report.js';
export { Purge, type PurgeOptions } from './purge.service.js';
