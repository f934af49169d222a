import {
  DateTimeField,
  EnumField,
  ObjectField,
  ObjectListField,
  SecretField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import type { IdentityRow } from '../identities/identity.store.js';

export class BeginLinking {
  @UuidField({ description: 'A connection of an organization you are a member of.' })
  connectionId: string;
}

export class ConfirmLinking {
  @SecretField({ max: 200, description: 'The code that the sign-in at the provider returned.' })
  code: string;

  @SecretField({ min: 43, optional: true, description: 'Required if the sign-in started with a `codeChallenge`.' })
  codeVerifier?: string;
}

class IdentityPlace {
  @UuidField()
  id: string;

  @TextField()
  name: string;
}

class IdentityConnection extends IdentityPlace {
  @EnumField(['oidc', 'saml'], { name: 'SsoConnectionType' })
  type: 'oidc' | 'saml';
}

export class IdentityView {
  @UuidField()
  id: string;

  @ObjectField(() => IdentityPlace)
  organization: IdentityPlace;

  @ObjectField(() => IdentityConnection)
  connection: IdentityConnection;

  @TextField({ max: 512, description: 'Your id at the provider: `sub` or the NameID.' })
  subject: string;

  @EnumField(['domain', 'person'], {
    name: 'IdentityLink',
    description:
      '`domain`: linked by an address in a verified domain of the organization. `person`: linked by the user.',
  })
  linkedBy: 'domain' | 'person';

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ nullable: true })
  lastUsedAt: string | null;
}

export class IdentitiesView {
  @ObjectListField(() => IdentityView)
  items: IdentityView[];
}

export const toIdentityView = (row: IdentityRow): IdentityView => ({
  id: row.id,
  organization: { id: row.organizationId, name: row.organizationName },
  connection: { id: row.connectionId, name: row.connectionName, type: row.connectionType },
  subject: row.subject,
  linkedBy: row.linkedBy,
  createdAt: row.createdAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});
