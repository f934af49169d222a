import { ArrayMinSize } from 'class-validator';
import {
  OPERATOR_API_KEY_PERMISSIONS,
  type Permission,
  STAFF_ROLES,
  type StaffRole,
} from '../../common/access/index.js';
import {
  DayOrTimeField,
  EnumField,
  EnumListField,
  EtagField,
  IntegerField,
  TextField,
} from '../../common/validation/index.js';
import { AnyApiKeyQuery, AnyApiKeyView, toAnyApiKeyView } from './api-key.dto.js';
import type { OperatorApiKeyRow } from './operator-api-key.entity.js';
import { versionAndEtag } from '../../http/index.js';

const NOUN = 'a permission that keys of an operator can have';
const EXPIRES_AT = { optional: true, nullable: true } as const;

export class OperatorApiKeyQuery extends AnyApiKeyQuery {}

export class CreateOperatorApiKey {
  @TextField({ max: 100, example: 'Back office' })
  name: string;

  @ArrayMinSize(1)
  @EnumListField(OPERATOR_API_KEY_PERMISSIONS, {
    noun: NOUN,
    optional: true,
    description: 'What the key can do. Give this or `role`.',
    example: ['organizations:list', 'organizations:create'],
  })
  permissions?: Permission[];

  @EnumField(STAFF_ROLES, {
    name: 'StaffRole',
    optional: true,
    description: 'Instead of `permissions`: all permissions of this role that keys of an operator can have.',
  })
  role?: StaffRole;

  @DayOrTimeField({
    ...EXPIRES_AT,
    description:
      'A day is valid to its end in the time zone of the operator. By default the key is valid until it is revoked.',
  })
  expiresAt?: string | null;
}

export class PatchOperatorApiKey {
  @TextField({ max: 100, optional: true })
  name?: string;

  @DayOrTimeField({ ...EXPIRES_AT, description: 'Null for a key that is valid until it is revoked.' })
  expiresAt?: string | null;
}

export class OperatorApiKeyView extends AnyApiKeyView {
  @EnumField(STAFF_ROLES, {
    name: 'StaffRole',
    description:
      'The role that the key acts with. Of a key with a list of permissions it is the lowest one that has them. The key grants no role above it.',
  })
  role: StaffRole;

  @EnumListField(OPERATOR_API_KEY_PERMISSIONS, { noun: NOUN })
  permissions: Permission[];

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

export class CreatedOperatorApiKeyView extends OperatorApiKeyView {
  @TextField({ pattern: /^trl_op_[\w-]{43}$/, description: 'Returned only once. The server keeps a hash.' })
  key: string;
}

export const toOperatorApiKeyView = (row: OperatorApiKeyRow): OperatorApiKeyView => ({
  ...toAnyApiKeyView(row),
  role: row.role,
  permissions: row.permissions,
  ...versionAndEtag(row.version),
});
