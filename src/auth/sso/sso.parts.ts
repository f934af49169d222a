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
import { IdentityController } from './identities/identity.controller.js';
import { Identities } from './identities/identity.service.js';
import { SsoIntents } from './intents.js';
import { OidcSignIn } from './sign-in/oidc-sign-in.service.js';
import { SamlSignIn } from './sign-in/saml-sign-in.service.js';
import { SsoEnding } from './sign-in/sso-ending.js';
import { SsoStates } from './sign-in/sso-states.js';
import { UsableConnections } from './sign-in/usable-connections.js';
import { SsoTrials } from './trials/sso-trials.js';
import { SsoSignIn } from './sign-in/sso-sign-in.service.js';

export const SSO_CONTROLLERS = [ConnectionController, SsoSignInController, IdentityController, DiscoveryController];

export const SSO_PROVIDERS = [
  Connections,
  Discovery,
  ConnectionStore,
  IdentityStore,
  OidcProvider,
  SamlProvider,
  SsoAdmission,
  SsoSignIn,
  Identities,
  OidcSignIn,
  SamlSignIn,
  SsoEnding,
  SsoIntents,
  SsoStates,
  SsoTrials,
  UsableConnections,
];
