import { ArrayMaxSize, IsString, IsUUID } from 'class-validator';
import { ROLES, type Role } from '../../common/access/index.js';
import {
  DateTimeField,
  EnumField,
  IntegerField,
  ListField,
  ObjectListField,
  TextField,
  UrlField,
} from '../../common/validation/index.js';
import { RoleIdsField } from '../../organizations/index.js';

const MAX_MAPPED_GROUPS = 100;

class MappedGroup {
  @TextField({ max: 256, description: 'The displayName of the group; case does not matter.', example: 'Engineering' })
  value: string;

  @EnumField(ROLES, { name: 'Role', optional: true, default: 'user' })
  role?: Role;

  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];

  @ListField(IsUUID('all', { each: true }), { max: 50, optional: true, description: 'Units to become a user of.' })
  unitIds?: string[];
}

export class PutScimSettings {
  @ArrayMaxSize(MAX_MAPPED_GROUPS)
  @ObjectListField(() => MappedGroup, { description: 'What groups give, all that somebody is in together.' })
  groups: MappedGroup[];
}

class MappedGroupView {
  @TextField()
  value: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }))
  roleIds: string[];

  @ListField(IsUUID('all', { each: true }))
  unitIds: string[];
}

export class ScimSettingsView {
  @UrlField({ description: 'What the identity provider asks for as SCIM base URL, or tenant URL.' })
  baseUrl: string;

  @ObjectListField(() => MappedGroupView)
  groups: MappedGroupView[];

  @DateTimeField({ nullable: true, description: 'Null: never changed.' })
  updatedAt: string | null;

  @IntegerField({ min: 0, max: 2_147_483_647 })
  version: number;
}
