import { IsIn } from 'class-validator';
import {
  EmailField,
  EnumField,
  ListField,
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

  @TextField({ description: 'Where to send the browser.' })
  startUrl: string;
}

export class DiscoveryView {
  @ListField(IsIn(SIGN_IN_METHODS, { each: true }), {
    description: 'What is allowed there; `oidc` and `saml` where there are connections. Says nothing about accounts.',
  })
  methods: SignInMethod[];

  @ObjectListField(() => DiscoveredConnection, { description: 'In the order in which people should see them.' })
  connections: DiscoveredConnection[];

  @ObjectField(() => DiscoveredOrganization, {
    nullable: true,
    description: 'Null when nothing was named, or nothing was found.',
  })
  organization: DiscoveredOrganization | null;

  @ObjectField(() => BrandingValues)
  branding: BrandingValues;
}
