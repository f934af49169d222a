import { ASSIGNABLE_PERMISSIONS, type Permission } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  DateTimeField,
  EnumField,
  EnumListField,
  EtagField,
  IntegerField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { PermissionsField } from '../roles/role.dto.js';
import type { RoleTemplateRow } from './role-template.types.js';
import { versionAndEtag } from '../../http/index.js';

const SORTS = ['name', '-name', 'key', '-key'] as const;

export class RoleTemplateQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or key.' })
  q?: string;

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export class CreateRoleTemplate {
  @TextField({ max: 100 })
  name: string;

  @TextField({
    min: 4,
    max: 50,
    optional: true,
    pattern: /^op-[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    description: 'Appears in tokens and never changes. Derived from the name by default.',
    example: 'op-auditor',
  })
  key?: string;

  @TextField({ max: 500, optional: true, nullable: true })
  description?: string | null;

  @PermissionsField()
  permissions: Permission[];
}

export class PatchRoleTemplate {
  @TextField({ max: 100, optional: true })
  name?: string;

  @TextField({ max: 500, optional: true, nullable: true })
  description?: string | null;

  @PermissionsField(true)
  permissions?: Permission[];
}

export class DeleteRoleTemplate {
  @UuidField({ optional: true, description: 'The replacement. Required when the template is in use.' })
  replacementTemplateId?: string;
}

export class RoleTemplateView {
  @UuidField({ description: 'Also the id of the role in every organization.' })
  id: string;

  @TextField()
  key: string;

  @TextField()
  name: string;

  @TextField({ nullable: true, max: 500 })
  description: string | null;

  @EnumListField(ASSIGNABLE_PERMISSIONS)
  permissions: string[];

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

export const toRoleTemplateView = (row: RoleTemplateRow): RoleTemplateView => ({
  id: row.id,
  key: row.key,
  name: row.name,
  description: row.description,
  permissions: [...row.permissions].sort(),
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  ...versionAndEtag(row.version),
});
