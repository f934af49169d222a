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
  @UuidField({ description: 'A connection of an organization one is a member of.' })
  connectionId: string;
}

export class ConfirmLinking {
  @SecretField({ max: 200, description: 'What the sign-in at the provider ended with.' })
  code: string;

  @SecretField({ min: 43, optional: true, description: 'When the sign-in began with a `codeChallenge`.' })
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

  @TextField({ max: 512, description: 'How the provider names one: `sub`, or the NameID.' })
  subject: string;

  @EnumField(['domain', 'person'], {
    name: 'IdentityLink',
    description: '`domain`: by an address in a proved domain of the organization; `person`: by oneself.',
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
