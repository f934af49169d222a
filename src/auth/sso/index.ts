export { SsoModule } from './sso.module.js';
export { ConnectionService } from './connection-management/connection.service.js';
export type { MappedRole } from './connections/connection.entity.js';
