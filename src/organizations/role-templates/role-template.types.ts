import type { Permission } from '../../common/access/index.js';
import type { RoleTemplate } from './role-template.entity.js';

export type RoleTemplateRow = Omit<RoleTemplate, 'permissions'> & { permissions: Permission[] };
