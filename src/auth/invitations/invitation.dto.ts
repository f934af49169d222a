import { ROLES, type Role } from '../../common/access/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  ObjectField,
  SecretField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { BrandingValues } from '../../settings/index.js';

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

  @DateTimeField()
  expiresAt: string;

  @BooleanField({ description: 'Whether the address has an account: then accept it signed in as that address.' })
  accountExists: boolean;

  @ObjectField(() => BrandingValues)
  branding: BrandingValues;
}

/** For a new account both; for an existing one neither is read. */
export class AcceptInvitation {
  @TextField({ max: 120, optional: true, example: 'Ada Lovelace' })
  name?: string;

  @SecretField({ optional: true, description: 'At least 15 characters.', example: 'correct horse battery staple' })
  password?: string;
}

/** The answer to somebody who has an account. */
export class AcceptedInvitationView {
  @ObjectField(() => InvitingOrganization)
  organization: InvitingOrganization;

  @EnumField(ROLES, { name: 'Role', description: 'The higher one when he was a member already.' })
  role: Role;
}
