import { DiscoveryController } from '../discovery/discovery.controller.js';
import { Discovery } from '../discovery/discovery.service.js';
import { ConnectionController } from './connections/connection.controller.js';
import { Connections } from './connections/connection.service.js';
import { ConnectionStore } from './connections/connection.store.js';
import { IdentityStore } from './identities/identity.store.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { SamlProvider } from './saml/saml-provider.js';
import { SsoAdmission } from './sign-in/admission.js';
import { SsoSignInController } from './sign-in/sso-sign-in.controller.js';
import { SsoSignIn } from './sign-in/sso-sign-in.service.js';

export const SSO_CONTROLLERS = [ConnectionController, SsoSignInController, DiscoveryController];

export const SSO_PROVIDERS = [
  Connections,
  Discovery,
  ConnectionStore,
  IdentityStore,
  OidcProvider,
  SamlProvider,
  SsoAdmission,
  SsoSignIn,
];
