import { type Permission, permissionsAt } from '../common/access/index.js';
import { PageQuery } from '../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  EnumListField,
  EtagField,
  IntegerField,
  TextField,
  TimeZoneField,
  UuidField,
} from '../common/validation/index.js';
import { COLOR_SCHEMES, type ColorScheme, type Language, LANGUAGES, type User } from './user.entity.js';
import { versionAndEtag } from '../http/index.js';

export const USER_STATUSES = ['active', 'invited', 'blocked'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];
const SORTS = ['name', '-name', 'email', '-email', 'createdAt', '-createdAt'] as const;

export class UserQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or the email address (staff only).' })
  q?: string;

  @EmailField({ optional: true, description: 'The complete address.' })
  email?: string;

  @EnumField(USER_STATUSES, { optional: true })
  status?: UserStatus;

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export class UserView {
  @UuidField()
  id: string;

  @EmailField()
  email: string;

  @TextField()
  name: string;

  @EnumField(USER_STATUSES, { description: '`invited`: has an account, but has not verified the address yet.' })
  status: UserStatus;

  @DateTimeField({ optional: true, description: 'Only for staff.' })
  createdAt?: string;
}

const PREFERENCE = { optional: true, nullable: true } as const;

export class PatchAccount {
  @TextField({ max: 120, optional: true, example: 'Ada Lovelace' })
  name?: string;

  @EnumField(LANGUAGES, { ...PREFERENCE, name: 'Language', example: 'de', description: 'Null for that of the device.' })
  language?: Language | null;

  @TimeZoneField({ ...PREFERENCE, description: 'Null for that of the device.' })
  timeZone?: string | null;

  @EnumField(COLOR_SCHEMES, {
    ...PREFERENCE,
    name: 'ColorScheme',
    example: 'dark',
    description: '`auto` follows the device. Null for the choice of the branding.',
  })
  colorScheme?: ColorScheme | null;
}

export class AccountView {
  @UuidField()
  id: string;

  @EmailField()
  email: string;

  @TextField()
  name: string;

  @BooleanField()
  emailVerified: boolean;

  @EnumField(LANGUAGES, { nullable: true, name: 'Language', description: 'Null for that of the device.' })
  language: Language | null;

  @TimeZoneField({ nullable: true, description: 'Null for that of the device.' })
  timeZone: string | null;

  @EnumField(COLOR_SCHEMES, {
    nullable: true,
    name: 'ColorScheme',
    description: '`auto` follows the device. Null for the choice of the branding.',
  })
  colorScheme: ColorScheme | null;

  @EnumField(['user', 'manager', 'admin'], {
    nullable: true,
    description: 'Role at the operator. Null for users who are not staff.',
  })
  operatorRole: string | null;

  @BooleanField()
  platformAdmin: boolean;

  @EnumListField([...permissionsAt('platform'), ...permissionsAt('operator')], {
    example: [],
    description:
      'Permissions at the operator, and on the platform for platform admins, as `x-requires` of each operation names them. Users who are not staff have those of every account.',
  })
  permissions: Permission[];

  @DateTimeField()
  createdAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

export const userStatus = (user: Pick<User, 'blockedAt' | 'emailVerifiedAt'>): UserStatus =>
  user.blockedAt ? 'blocked' : user.emailVerifiedAt ? 'active' : 'invited';

export const toUserView = (user: User): UserView => ({
  id: user.id,
  email: user.email,
  name: user.name,
  status: userStatus(user),
  createdAt: user.createdAt.toISOString(),
});

/** What the caller holds at the operator of their account. */
export interface HeldAtOperator {
  operatorRole: string | null;
  permissions: Permission[];
}

export const toAccountView = (user: User, { operatorRole, permissions }: HeldAtOperator): AccountView => ({
  id: user.id,
  email: user.email,
  name: user.name,
  emailVerified: user.emailVerifiedAt !== null,
  language: user.language,
  timeZone: user.timeZone,
  colorScheme: user.colorScheme,
  operatorRole,
  platformAdmin: user.platformAdmin,
  permissions,
  createdAt: user.createdAt.toISOString(),
  ...versionAndEtag(user.version),
});
