import { ACTOR_TYPES, type ActorType, ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  EmailField,
  EnumField,
  ExternalIdField,
  ListField,
  ObjectField,
  ObjectListField,
  SlugField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { AddMember, MemberQuery, MemberView } from '../../users/index.js';
import type { NoticeKind } from '../notice-kind.js';
import { RoleIdsField, RoleRefView, RoleReferenceField } from '../roles/role.dto.js';
import { IsString } from 'class-validator';

const SORTS = ['name', '-name', 'joinedAt', '-joinedAt'] as const;

export class MembershipQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name, slug or externalId, or the complete id.' })
  q?: string;

  @TextField({ max: 50, optional: true, description: 'The exact slug.' })
  slug?: string;

  @ExternalIdField({ optional: true, description: 'The exact externalId.' })
  externalId?: string;

  @EnumField(['active', 'suspended'], { optional: true })
  status?: 'active' | 'suspended';

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export interface MembershipRow {
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  status: 'active' | 'suspended';
  role: Role;
  /** Keys of the functional and custom roles. */
  roles: string[];
  mutedNotices: NoticeKind[];
}

const ELSE_NULL = 'Null if your roles there get no such mails.';

/** Which mails about an organization a member gets. Mails about sign-in, membership and deletion always arrive. */
export class NoticesView {
  @BooleanField({ nullable: true, description: `Credit alerts. ${ELSE_NULL}` })
  credits: boolean | null;

  @BooleanField({ nullable: true, description: `Automatic top-up waits or was switched off. ${ELSE_NULL}` })
  autoTopUp: boolean | null;

  @BooleanField({ nullable: true, description: `The record of a verified domain is missing. ${ELSE_NULL}` })
  domains: boolean | null;
}

export class PatchNotices {
  @BooleanField({ optional: true })
  credits?: boolean;

  @BooleanField({ optional: true })
  autoTopUp?: boolean;

  @BooleanField({ optional: true })
  domains?: boolean;
}

/** An organization in the list of a member's organizations. */
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

  @ListField(IsString({ each: true }), { description: 'Keys of functional and custom roles in addition to `role`.' })
  roles: string[];

  @ObjectField(() => NoticesView)
  notices: NoticesView;
}

/** Admins get all notices, billing admins those about credits. */
export function noticesOf({ role, roles, mutedNotices }: MembershipRow): NoticesView {
  const isAdmin = role === 'admin';
  const isBilling = isAdmin || roles.includes('billing_admin');
  const enabled = (kind: NoticeKind, gets: boolean) => (gets ? !mutedNotices.includes(kind) : null);
  return {
    credits: enabled('credits', isBilling),
    autoTopUp: enabled('autoTopUp', isBilling),
    domains: enabled('domains', isAdmin),
  };
}

export const toMembershipView = (row: MembershipRow): MembershipView => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  externalId: row.externalId,
  status: row.status,
  role: row.role,
  roles: row.roles,
  notices: noticesOf(row),
});

export class OrganizationMemberQuery extends MemberQuery {
  @RoleReferenceField('Only members with this functional or custom role, by id.')
  roleId?: string;
}

export class AddOrganizationMember extends AddMember {
  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];
}

/** At least one of `role` and `roleIds`. */
export class ChangeOrganizationMember {
  @EnumField(ROLES, { optional: true, name: 'Role' })
  role?: Role;

  @RoleIdsField('Functional and custom roles, by id or key. Replaces the current list.')
  roleIds?: string[];

  @UuidField({
    optional: true,
    description:
      'Operator staff only: the member who becomes admin in the same step, so that the last admin can be replaced.',
  })
  newAdminUserId?: string;
}

export class OrganizationMemberView extends MemberView {
  @EmailField({
    nullable: true,
    description: 'The address in the directory of the organization (SCIM), if it differs. The account keeps its own.',
  })
  directoryEmail: string | null;

  @TextField({ nullable: true, description: 'The name in the directory of the organization (SCIM), if it differs.' })
  directoryName: string | null;

  @ObjectListField(() => RoleRefView, { description: 'Functional and custom roles in addition to `role`.' })
  roles: RoleRefView[];
}

export class MemberUnitView {
  @UuidField()
  id: string;

  @SlugField()
  slug: string;

  @TextField()
  name: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;
}

export class MemberAdderView {
  @EnumField(ACTOR_TYPES)
  type: ActorType;

  @TextField({ nullable: true, description: 'Null if the user or key no longer exists.' })
  name: string | null;
}

export class OrganizationMemberDetailView extends OrganizationMemberView {
  @ObjectListField(() => MemberUnitView, {
    description: 'By name. Without `units:listAll`, only those that you share.',
  })
  units: MemberUnitView[];

  @BooleanField({ description: 'Whether the directory of the organization (SCIM) manages the membership.' })
  provisioned: boolean;

  @ObjectField(() => MemberAdderView, {
    nullable: true,
    description: 'Who added the member or accepted the invitation. Null for callers without `members:edit`.',
  })
  addedBy: MemberAdderView | null;
}
