import { IsString, IsUUID } from 'class-validator';
import { ROLES, type Role } from '../../../common/access/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  JsonField,
  ListField,
  ObjectField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';

export const TRIAL_OUTCOMES = ['signed_in', 'mfa_required', 'refused'] as const;

class TrialRefusal {
  @TextField({ example: 'sso.domain_not_verified' })
  code: string;

  @TextField({ max: 1000 })
  detail: string;
}

/** What the claims say, by the mapping of the connection. */
class TrialMapped {
  @TextField({ nullable: true })
  email: string | null;

  @BooleanField({ nullable: true, description: 'Null: the provider does not say.' })
  emailVerified: boolean | null;

  @TextField({ nullable: true })
  name: string | null;

  @ListField(IsString({ each: true }), { max: 500 })
  groups: string[];

  @TextField({ nullable: true, description: 'By the claim that has to be the `externalId` of the organization.' })
  organization: string | null;

  @EnumField(ROLES, { name: 'Role', nullable: true, description: 'What the groups give; null: nothing.' })
  role: Role | null;

  @ListField(IsString({ each: true }))
  roleIds: string[];

  @ListField(IsUUID('all', { each: true }))
  unitIds: string[];
}

class TrialAccount {
  @UuidField({ nullable: true, description: 'Null: it would be made.' })
  id: string | null;

  @TextField()
  email: string;

  @TextField()
  name: string;
}

/** As it would be afterwards, with what access rules and a waiting invitation give. */
class TrialMembership {
  @BooleanField({ description: 'No member so far.' })
  isNew: boolean;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }), { description: 'Functional and custom roles, by key.' })
  roles: string[];

  @ListField(IsUUID('all', { each: true }))
  unitIds: string[];
}

export class SsoTrialView {
  @DateTimeField()
  testedAt: string;

  @UuidField({ nullable: true, description: 'The person or API key that began it.' })
  testedBy: string | null;

  @EnumField(TRIAL_OUTCOMES, {
    name: 'SsoTrialOutcome',
    description: 'The result that a sign-in would have had. No one was signed in, and nothing changed.',
  })
  outcome: (typeof TRIAL_OUTCOMES)[number];

  @ObjectField(() => TrialRefusal, { nullable: true })
  refusal: TrialRefusal | null;

  @TextField({ nullable: true, max: 512, description: 'How the provider names the person: `sub`, or the NameID.' })
  subject: string | null;

  @JsonField({
    nullable: true,
    description: 'All that was received about the person; null when nothing could be read.',
  })
  claims: Record<string, unknown> | null;

  @ObjectField(() => TrialMapped, { nullable: true })
  mapped: TrialMapped | null;

  @ObjectField(() => TrialAccount, { nullable: true })
  account: TrialAccount | null;

  @ObjectField(() => TrialMembership, { nullable: true })
  membership: TrialMembership | null;
}
