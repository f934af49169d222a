import { ROLES, type Role } from '../../../common/access/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  ObjectField,
  SecretField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { BrandingValues } from '../../../settings/index.js';

class InvitingOrganization {
  @UuidField()
  id: string;

  @TextField()
  name: string;
}

export class OpenInvitationView {
  @ObjectField(() => InvitingOrganization)
  organization: InvitingOrganization;

  @EmailField()
  email: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @TextField({ max: 2000, nullable: true, description: 'What the inviter wrote.' })
  message: string | null;

  @DateTimeField()
  expiresAt: string;

  @BooleanField({
    description: 'Whether the address has an account. If so, accept the invitation signed in as that address.',
  })
  accountExists: boolean;

  @ObjectField(() => BrandingValues)
  branding: BrandingValues;
}

/** A new account needs both fields. Existing accounts ignore them. */
export class AcceptInvitation {
  @TextField({ max: 120, optional: true, example: 'Ada Lovelace' })
  name?: string;

  @SecretField({
    optional: true,
    description: 'At least as long as the auth settings require: 15 characters by default.',
    example: 'correct horse battery staple',
  })
  password?: string;
}

/** The form of the invitation page. */
export class InvitationAnswer extends AcceptInvitation {
  @EnumField(['accept', 'decline'])
  answer: 'accept' | 'decline';
}

/** The answer for an existing account. */
export class AcceptedInvitationView {
  @ObjectField(() => InvitingOrganization)
  organization: InvitingOrganization;

  @EnumField(ROLES, { name: 'Role', description: 'The higher of the two if the user already was a member.' })
  role: Role;
}
