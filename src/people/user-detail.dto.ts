import { ROLES, type Role } from '../common/access/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  IntegerField,
  ObjectListField,
  SlugField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import { UserView } from '../users/index.js';

/** Most memberships in the detail of a user. */
export const MAX_MEMBERSHIPS = 100;

export const FACTOR_KINDS = ['password', 'passkey', 'totp', 'recovery_codes', 'sso'] as const;
export type FactorKind = (typeof FACTOR_KINDS)[number];

export class UserFactorView {
  @EnumField(FACTOR_KINDS, {
    name: 'FactorKind',
    description: '`totp`: an authenticator app. `sso`: an identity at the provider of an organization.',
  })
  kind: FactorKind;

  @IntegerField({ min: 1, max: 10_000, description: 'How many the user has. For recovery codes: those not used yet.' })
  count: number;

  @DateTimeField({ nullable: true, description: 'When one was last used, if that is recorded.' })
  lastUsedAt: string | null;
}

export class UserMembershipView {
  @UuidField({ description: 'Id of the organization.' })
  id: string;

  @SlugField()
  slug: string;

  @TextField()
  name: string;

  @EnumField(['active', 'suspended', 'pending_deletion'], { name: 'LifecycleStatus' })
  status: 'active' | 'suspended' | 'pending_deletion';

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @DateTimeField()
  joinedAt: string;
}

export class UserDetailView extends UserView {
  @DateTimeField({ nullable: true, description: 'Null for invited users.' })
  emailVerifiedAt: string | null;

  @DateTimeField({ nullable: true })
  blockedAt: string | null;

  @EnumField(ROLES, { nullable: true, description: 'Role at the operator. Null for users who are not staff.' })
  operatorRole: Role | null;

  @BooleanField()
  platformAdmin: boolean;

  @DateTimeField({ nullable: true, description: 'Null if the user did not sign in during the last 30 days.' })
  lastSignInAt: string | null;

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER, description: 'Sessions that can still be used.' })
  liveSessions: number;

  @ObjectListField(() => UserFactorView, { description: 'The ways to sign in that the user has. Never their secrets.' })
  factors: UserFactorView[];

  @ObjectListField(() => UserMembershipView, { description: `By name, at most ${MAX_MEMBERSHIPS}.` })
  memberships: UserMembershipView[];

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER, description: 'Includes those that `memberships` leaves out.' })
  membershipCount: number;
}
