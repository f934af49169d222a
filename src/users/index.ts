export * from './members/index.js';
export { StaffService } from './staff/staff.service.js';
export type { User } from './user.entity.js';
export { userErrors } from './user.errors.js';
export { toUserView, UserView } from './user.dto.js';
export { UserModule } from './user.module.js';
export { UserService } from './user.service.js';
export { userStatusSql } from './user.store.js';
