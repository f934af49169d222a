import {
  EmailField,
  EnumField,
  EnumListField,
  ObjectField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { BrandingValues, SIGN_IN_METHODS, type SignInMethod } from '../../../settings/index.js';

export class DiscoveryQuery {
  @EmailField({
    optional: true,
    description: 'The address that the user typed. Its domain tells which organization it belongs to.',
  })
  email?: string;

  @TextField({ max: 50, optional: true, description: 'The slug or the id of an organization.' })
  organization?: string;
}

class DiscoveredOrganization {
  @UuidField()
  id: string;

  @TextField()
  slug: string;

  @TextField()
  name: string;
}

class DiscoveredConnection {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @EnumField(['oidc', 'saml'], { name: 'SsoConnectionType' })
  type: 'oidc' | 'saml';

  @TextField({ description: 'The URL to send the browser to.' })
  startUrl: string;
}

export class DiscoveryView {
  @EnumListField(SIGN_IN_METHODS, {
    description:
      'The allowed methods. `oidc` and `saml` are listed only if connections exist. Says nothing about accounts.',
  })
  methods: SignInMethod[];

  @ObjectListField(() => DiscoveredConnection, { description: 'In the order in which users should see them.' })
  connections: DiscoveredConnection[];

  @ObjectField(() => DiscoveredOrganization, {
    nullable: true,
    description: 'Null if no organization was given or found.',
  })
  organization: DiscoveredOrganization | null;

  @ObjectField(() => BrandingValues)
  branding: BrandingValues;
}
