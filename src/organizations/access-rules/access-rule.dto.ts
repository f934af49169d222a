import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsString, IsUUID, ValidateIf } from 'class-validator';
import { ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  IntegerField,
  ListField,
  ObjectField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { RoleIdsField } from '../roles/role.dto.js';

const MAX_UNITS = 50;

const ConditionField = (optional = false) =>
  TextField({
    max: 1000,
    multiline: true,
    optional,
    description:
      'A condition in CEL over `user.email`, `user.emailDomain`, `user.name`, `claims.*` (from single sign-on), `ORG_ID`, `ORG_EXTERNAL_ID`, `ORG_SLUG`, `ORG_NAME`, `OPERATOR_SLUG`. What names something that is missing does not hold.',
    example: 'user.emailDomain == "example.com" || claims.org_id == ORG_EXTERNAL_ID',
  });

export class AccessRuleQuery extends PageQuery {
  @EnumField(['name', '-name', 'createdAt', '-createdAt'], { optional: true, default: 'name' })
  sort?: string;
}

/** What an operator's rule gives. */
export class OperatorGrant {
  @EnumField(ROLES, { name: 'Role', optional: true, default: 'user' })
  role?: Role;

  @RoleIdsField('Functional roles by key, role templates by id or key.')
  roleIds?: string[];
}

/** What an organization's rule gives. */
export class OrganizationGrant {
  @EnumField(ROLES, { name: 'Role', optional: true, default: 'user' })
  role?: Role;

  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];

  @ListField(IsUUID('all', { each: true }), {
    max: MAX_UNITS,
    optional: true,
    description: 'Units to become a user of.',
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
  @ObjectField(() => OperatorGrant, { optional: true, description: 'Replaced as a whole.' })
  then?: OperatorGrant;
}

export class PatchOrganizationAccessRule extends RuleChanges {
  @ObjectField(() => OrganizationGrant, { optional: true, description: 'Replaced as a whole.' })
  then?: OrganizationGrant;
}

class AccessRuleGrantView {
  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }))
  roleIds: string[];

  @ListField(IsUUID('all', { each: true }), { description: 'Empty for a rule of the operator.' })
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
      'Follows from the condition: whose address is in one of these is found at sign-in without naming the organization. Null: the condition is asked only of members and of those who name the organization.',
  })
  emailDomains: string[] | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;
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
    description: 'What single sign-on would say, for everybody who is looked at.',
    example: { org_id: 'CUST-1042' },
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsObject()
  claims?: Record<string, unknown>;

  @ObjectField(() => ExamplePerson, { optional: true, description: 'Somebody who need not exist.' })
  person?: ExamplePerson;
}

class TouchedPerson {
  @UuidField()
  userId: string;

  @EmailField()
  email: string;

  @TextField()
  name: string;

  @EnumField(ROLES, { name: 'Role', nullable: true, description: 'Null: no member yet.' })
  role: Role | null;
}

class PersonOutcome {
  @BooleanField()
  holds: boolean;

  @TextField({ optional: true, max: 1000, description: 'Why it does not hold although nothing says it is untrue.' })
  error?: string;
}

export class DryRunView {
  @ObjectListField(() => TouchedPerson, { description: 'At most 100 of those whom the rule would touch.' })
  matches: TouchedPerson[];

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'All of those.' })
  matched: number;

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'People who were looked at.' })
  evaluated: number;

  @BooleanField({ description: 'There are more people than were looked at.' })
  truncated: boolean;

  @ObjectField(() => PersonOutcome, { optional: true, description: 'For `person`.' })
  person?: PersonOutcome;
}
