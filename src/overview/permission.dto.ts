import {
  API_KEY_PERMISSIONS,
  ASSIGNABLE_PERMISSIONS,
  type Level,
  LEVELS,
  OPERATOR_API_KEY_PERMISSIONS,
  PERMISSION_DESCRIPTIONS,
  type Permission,
  permissionsAt,
} from '../common/access/index.js';
import { BooleanField, EnumField, ObjectListField, TextField } from '../common/validation/index.js';

export class PermissionView {
  @TextField({ example: 'members:add', description: 'The name, as in `x-requires` of the operations that need it.' })
  key: Permission;

  @EnumField(LEVELS, { name: 'PermissionLevel', description: 'Where it is held.' })
  level: Level;

  @TextField({ example: 'Add members.' })
  description: string;

  @BooleanField({ description: 'Whether custom roles and role templates can contain it.' })
  inCustomRoles: boolean;

  @BooleanField({ description: 'Whether API keys of organizations can have it.' })
  inApiKeys: boolean;

  @BooleanField({ description: 'Whether API keys of operators can have it.' })
  inOperatorApiKeys: boolean;
}

export class PermissionsView {
  @ObjectListField(() => PermissionView)
  items: PermissionView[];
}

/** All permissions, by level and in the order of the roles that add them. */
export const PERMISSIONS: PermissionsView = {
  items: LEVELS.flatMap((level) =>
    permissionsAt(level).map((key) => ({
      key,
      level,
      description: PERMISSION_DESCRIPTIONS[key],
      inCustomRoles: ASSIGNABLE_PERMISSIONS.includes(key),
      inApiKeys: API_KEY_PERMISSIONS.includes(key),
      inOperatorApiKeys: OPERATOR_API_KEY_PERMISSIONS.includes(key),
    })),
  ),
};
