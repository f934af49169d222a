import { DiscoveryController } from './discovery/discovery.controller.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { ConnectionController } from './connection-management/connection.controller.js';
import { ConnectionService } from './connection-management/connection.service.js';
import { ConnectionStore } from './connections/connection.store.js';
import { IdentityStore } from './identities/identity.store.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { SamlProvider } from './saml/saml-provider.js';
import { SsoAdmissionService } from './admission/sso-admission.service.js';
import { SsoSignInController } from './sign-in/sso-sign-in.controller.js';
import { IdentityController } from './linked-identities/identity.controller.js';
import { IdentityService } from './linked-identities/identity.service.js';
import { SsoIntentService } from './intents/sso-intent.service.js';
import { OidcSignInService } from './sign-in/oidc-sign-in.service.js';
import { SamlSignInService } from './sign-in/saml-sign-in.service.js';
import { SsoCallbackHandler } from './callback/sso-callback.handler.js';
import { SsoStateService } from './login-state/sso-state.service.js';
import { UsableConnectionService } from './connections/usable-connection.service.js';
import { ConnectionTestService } from './connection-tests/connection-test.service.js';
import { SsoSignInService } from './sign-in/sso-sign-in.service.js';

export const SSO_CONTROLLERS = [ConnectionController, SsoSignInController, IdentityController, DiscoveryController];

export const SSO_PROVIDERS = [
  ConnectionService,
  DiscoveryService,
  ConnectionStore,
  IdentityStore,
  OidcProvider,
  SamlProvider,
  SsoAdmissionService,
  SsoSignInService,
  IdentityService,
  OidcSignInService,
  SamlSignInService,
  SsoCallbackHandler,
  SsoIntentService,
  SsoStateService,
  ConnectionTestService,
  UsableConnectionService,
];
