import { ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  DateTimeField,
  EmailField,
  EnumField,
  EtagField,
  IntegerField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { USER_STATUSES, type UserStatus } from '../user.dto.js';
import { versionAndEtag } from '../../http/index.js';

const SORTS = ['name', '-name', 'email', '-email', 'joinedAt', '-joinedAt'] as const;

export class MemberQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or the email address.' })
  q?: string;

  @EnumField(ROLES, { optional: true, name: 'Role' })
  role?: Role;

  @EnumField(USER_STATUSES, { optional: true })
  status?: UserStatus;

  @EnumField(SORTS, { optional: true, default: 'joinedAt' })
  sort?: (typeof SORTS)[number];
}

/** One of `userId` and `email`. */
export class AddMember {
  @UuidField({ optional: true, description: 'An existing user of the operator. Give this or `email`.' })
  userId?: string;

  @EmailField({ optional: true })
  email?: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;
}

export class ChangeMember {
  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @UuidField({
    optional: true,
    description:
      'Operator staff only: the member who becomes admin in the same step, so that the last admin can be replaced.',
  })
  newAdminUserId?: string;
}

export class RemoveMember {
  @UuidField({
    optional: true,
    description:
      'Operator staff only: the member who becomes admin in the same step, so that the last admin can be removed.',
  })
  newAdminUserId?: string;
}

export class MemberView {
  @UuidField()
  userId: string;

  @EmailField()
  email: string;

  @TextField()
  name: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @EnumField(USER_STATUSES, { description: '`invited`: has an account, but has not verified the address yet.' })
  status: UserStatus;

  @DateTimeField()
  joinedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

export type MemberRow = Omit<MemberView, 'joinedAt' | 'etag'> & {
  joinedAt: Date;
  /** Functional and custom roles. Always empty for levels without such roles. */
  roleIds: string[];
  /** In an organization: what its directory says, if that differs from the account. */
  directoryEmail?: string | null;
  directoryName?: string | null;
};

export const toMemberView = (row: MemberRow): MemberView => ({
  userId: row.userId,
  email: row.email,
  name: row.name,
  role: row.role,
  status: row.status,
  joinedAt: row.joinedAt.toISOString(),
  ...versionAndEtag(row.version),
});
