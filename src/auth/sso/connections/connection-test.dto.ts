import { IsString } from 'class-validator';
import { ROLES, type Role } from '../../../common/access/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  IntegerField,
  JsonField,
  ListField,
  ObjectField,
  ObjectListField,
  TextField,
  UuidField,
  UuidListField,
} from '../../../common/validation/index.js';

/** What a warning is about: claims that are too large to keep, or groups that the provider did not send. */
export const CLAIM_WARNINGS = ['claims_omitted', 'groups_left_out'] as const;

export const TRIAL_OUTCOMES = ['signed_in', 'mfa_required', 'refused'] as const;

class TrialRefusal {
  @TextField({ example: 'sso.domain_not_verified' })
  code: string;

  @TextField({ max: 1000 })
  detail: string;
}

/** The claims as mapped by the connection. */
class TrialMapped {
  @TextField({ nullable: true })
  email: string | null;

  @BooleanField({ nullable: true, description: 'Null if the provider does not report it.' })
  emailVerified: boolean | null;

  @TextField({ nullable: true })
  name: string | null;

  @ListField(IsString({ each: true }), { max: 500, description: 'The first 500.' })
  groups: string[];

  @IntegerField({ min: 0, max: 1_000_000, description: 'How many groups the claim has. All of them count.' })
  groupCount: number;

  @TextField({
    nullable: true,
    description: 'The value of the claim that must equal the `externalId` of the organization.',
  })
  organization: string | null;

  @EnumField(ROLES, { name: 'Role', nullable: true, description: 'The role that the groups grant. Null for none.' })
  role: Role | null;

  @ListField(IsString({ each: true }))
  roleIds: string[];

  @UuidListField()
  unitIds: string[];
}

class TrialAccount {
  @UuidField({ nullable: true, description: 'Null if the account would be created.' })
  id: string | null;

  @TextField()
  email: string;

  @TextField()
  name: string;
}

/** The membership that would result, including access rules and a pending invitation. */
class TrialMembership {
  @BooleanField({ description: 'Whether the user is not a member yet.' })
  isNew: boolean;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }), { description: 'Functional and custom roles, by key.' })
  roles: string[];

  @UuidListField()
  unitIds: string[];
}

class TrialWarning {
  @EnumField(CLAIM_WARNINGS, { name: 'ClaimWarning' })
  code: (typeof CLAIM_WARNINGS)[number];

  @TextField({ max: 2000 })
  detail: string;
}

export class SsoTrialView {
  @DateTimeField()
  testedAt: string;

  @UuidField({ nullable: true, description: 'The user or API key that started the test.' })
  testedBy: string | null;

  @EnumField(TRIAL_OUTCOMES, {
    name: 'SsoTrialOutcome',
    description: 'The result that a sign-in would have had. No one was signed in, and nothing changed.',
  })
  outcome: (typeof TRIAL_OUTCOMES)[number];

  @ObjectField(() => TrialRefusal, { nullable: true })
  refusal: TrialRefusal | null;

  @TextField({ nullable: true, max: 512, description: 'The id of the user at the provider: `sub` or the NameID.' })
  subject: string | null;

  @JsonField({
    nullable: true,
    description: 'All claims received about the user. Null if the response could not be read.',
  })
  claims: Record<string, unknown> | null;

  @ObjectField(() => TrialMapped, { nullable: true })
  mapped: TrialMapped | null;

  @ObjectField(() => TrialAccount, { nullable: true })
  account: TrialAccount | null;

  @ObjectField(() => TrialMembership, { nullable: true })
  membership: TrialMembership | null;

  @ObjectListField(() => TrialWarning, {
    description:
      'What is missing from the claims although the sign-in works. At a sign-in, it is an event (`sso_connection.claims_incomplete`).',
  })
  warnings: TrialWarning[];
}
