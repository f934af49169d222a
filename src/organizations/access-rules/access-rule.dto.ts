import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsString, ValidateIf } from 'class-validator';
import { ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  EtagField,
  IntegerField,
  ListField,
  ObjectField,
  ObjectListField,
  TextField,
  UuidField,
  UuidListField,
} from '../../common/validation/index.js';
import { RoleIdsField } from '../roles/role.dto.js';

const MAX_UNITS = 50;

const ConditionField = (optional = false) =>
  TextField({
    max: 1000,
    multiline: true,
    optional,
    description:
      'A condition in CEL over `user.email`, `user.emailDomain`, `user.name`, `claims.*` (from single sign-on), `ORG_ID`, `ORG_EXTERNAL_ID`, `ORG_SLUG`, `ORG_NAME`, `OPERATOR_SLUG`. A condition that uses a missing value does not match.',
    example: 'user.emailDomain == "example.com" || claims.org_id == ORG_EXTERNAL_ID',
  });

export class AccessRuleQuery extends PageQuery {
  @EnumField(['name', '-name', 'createdAt', '-createdAt'], { optional: true, default: 'name' })
  sort?: string;
}

/** Grant of a rule of the operator. */
export class OperatorGrant {
  @EnumField(ROLES, { name: 'Role', optional: true, default: 'user' })
  role?: Role;

  @RoleIdsField('Functional roles by key, role templates by id or key.')
  roleIds?: string[];
}

/** Grant of a rule of an organization. */
export class OrganizationGrant {
  @EnumField(ROLES, { name: 'Role', optional: true, default: 'user' })
  role?: Role;

  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];

  @UuidListField({
    max: MAX_UNITS,
    optional: true,
    description: 'Units in which the user gets the role user.',
  })
  unitIds?: string[];
}

class RuleFields {
  @TextField({ max: 100 })
  name: string;

  @ConditionField()
  when: string;

  @BooleanField({ optional: true, default: true })
  enabled?: boolean;
}

export class CreateOperatorAccessRule extends RuleFields {
  @ObjectField(() => OperatorGrant)
  then: OperatorGrant;
}

export class CreateOrganizationAccessRule extends RuleFields {
  @ObjectField(() => OrganizationGrant)
  then: OrganizationGrant;
}

class RuleChanges {
  @TextField({ max: 100, optional: true })
  name?: string;

  @ConditionField(true)
  when?: string;

  @BooleanField({ optional: true })
  enabled?: boolean;
}

export class PatchOperatorAccessRule extends RuleChanges {
  @ObjectField(() => OperatorGrant, { optional: true, description: 'Replaces the whole object.' })
  then?: OperatorGrant;
}

export class PatchOrganizationAccessRule extends RuleChanges {
  @ObjectField(() => OrganizationGrant, { optional: true, description: 'Replaces the whole object.' })
  then?: OrganizationGrant;
}

class AccessRuleGrantView {
  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }))
  roleIds: string[];

  @UuidListField({ description: 'Empty for a rule of the operator.' })
  unitIds: string[];
}

export class AccessRuleView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @ConditionField()
  when: string;

  @ObjectField(() => AccessRuleGrantView)
  then: AccessRuleGrantView;

  @BooleanField()
  enabled: boolean;

  @ListField(IsString({ each: true }), {
    nullable: true,
    description:
      'Derived from the condition. Users with an address in one of these domains are matched at sign-in even if they do not name the organization. Null: only members and users who name the organization are matched.',
  })
  emailDomains: string[] | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

class ExamplePerson {
  @EmailField()
  email: string;

  @TextField({ optional: true })
  name?: string;
}

export class DryRun {
  @ConditionField()
  when: string;

  @ApiProperty({
    type: Object,
    additionalProperties: true,
    required: false,
    description: 'Claims of single sign-on to assume for all users.',
    example: { org_id: 'CUST-1042' },
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsObject()
  claims?: Record<string, unknown>;

  @ObjectField(() => ExamplePerson, { optional: true, description: 'An example user, who need not exist.' })
  person?: ExamplePerson;
}

class TouchedPerson {
  @UuidField()
  userId: string;

  @EmailField()
  email: string;

  @TextField()
  name: string;

  @EnumField(ROLES, { name: 'Role', nullable: true, description: 'Null if the user is not a member.' })
  role: Role | null;
}

class PersonOutcome {
  @BooleanField()
  holds: boolean;

  @TextField({ optional: true, max: 1000, description: 'Why the condition could not be evaluated for this user.' })
  error?: string;
}

export class DryRunView {
  @ObjectListField(() => TouchedPerson, { description: 'Up to 100 of the users that the rule would affect.' })
  matches: TouchedPerson[];

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'Number of affected users.' })
  matched: number;

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'Number of users checked.' })
  evaluated: number;

  @BooleanField({ description: 'Whether there are more users than were checked.' })
  truncated: boolean;

  @ObjectField(() => PersonOutcome, { optional: true, description: 'Result for `person`.' })
  person?: PersonOutcome;
}
