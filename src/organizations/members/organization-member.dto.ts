import { ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  EnumField,
  ExternalIdField,
  ListField,
  SlugField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { IsString } from 'class-validator';
import type { MembershipRow } from './organization-member.store.js';

const SORTS = ['name', '-name', 'joinedAt', '-joinedAt'] as const;

export class MembershipQuery extends PageQuery {
  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

/** An organization as one of its members sees it in his list. */
export class MembershipView {
  @UuidField()
  id: string;

  @SlugField()
  slug: string;

  @TextField()
  name: string;

  @ExternalIdField({ nullable: true })
  externalId: string | null;

  @EnumField(['active', 'suspended'])
  status: 'active' | 'suspended';

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }), { description: 'Roles held beside the cumulative one.' })
  roles: string[];
}

export const toMembershipView = (row: MembershipRow): MembershipView => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  externalId: row.externalId,
  status: row.status,
  role: row.role,
  roles: [],
});
