import { ArrayMaxSize, IsString } from 'class-validator';
import { ROLES, type Role } from '../../common/access/index.js';
import {
  DateTimeField,
  EnumField,
  EtagField,
  IntegerField,
  ListField,
  ObjectListField,
  TextField,
  UrlField,
  UuidListField,
} from '../../common/validation/index.js';
import { RoleIdsField } from '../../organizations/index.js';

const MAX_MAPPED_GROUPS = 100;

class MappedGroup {
  @TextField({
    max: 256,
    verbatim: true,
    description: 'The displayName of the group. Case is ignored.',
    example: 'Engineering',
  })
  value: string;

  @EnumField(ROLES, { name: 'Role', optional: true, default: 'user' })
  role?: Role;

  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];

  @UuidListField({
    max: 50,
    optional: true,
    description: 'Units in which members of the group get the role user.',
  })
  unitIds?: string[];
}

export class PutScimSettings {
  @ArrayMaxSize(MAX_MAPPED_GROUPS)
  @ObjectListField(() => MappedGroup, { description: 'What each group grants. The grants of several groups add up.' })
  groups: MappedGroup[];
}

class MappedGroupView {
  @TextField()
  value: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }))
  roleIds: string[];

  @UuidListField()
  unitIds: string[];
}

export class ScimSettingsView {
  @UrlField({ description: 'Enter this in the identity provider as the SCIM base URL or tenant URL.' })
  baseUrl: string;

  @ObjectListField(() => MappedGroupView)
  groups: MappedGroupView[];

  @DateTimeField({ nullable: true, description: 'Null if the settings were never changed.' })
  updatedAt: string | null;

  @IntegerField({ min: 0, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}
