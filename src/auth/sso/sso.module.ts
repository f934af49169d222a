import { Module } from '@nestjs/common';
import { OutgoingModule } from '../../common/outgoing/index.js';
import { EventModule } from '../../events/index.js';
import { OperatorModule } from '../../operators/index.js';
import { UserModule } from '../../users/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { UnitModule } from '../../units/index.js';
import { AdmissionModule } from '../../admission/index.js';
import { PageModule } from '../../pages/index.js';
import { AuthSettingsModule, BrandingModule, SettingModule } from '../../settings/index.js';
import { AccessModule } from '../access/index.js';
import { IdentityModule } from '../identity/index.js';
import { ClaimWarningReporter } from './admission/claim-warning.reporter.js';
import { SsoProfileService } from './admission/sso-profile.service.js';
import { SsoAdmissionService } from './admission/sso-admission.service.js';
import { SsoCallbackHandler } from './callback/sso-callback.handler.js';
import { ConnectionController } from './connection-management/connection.controller.js';
import { ConnectionSecretService } from './connection-management/connection-secret.service.js';
import { ConnectionService } from './connection-management/connection.service.js';
import { ConnectionTestService } from './connection-tests/connection-test.service.js';
import { ConnectionStore } from './connections/connection.store.js';
import { UsableConnectionService } from './connections/usable-connection.service.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { IdentityStore } from './identities/identity.store.js';
import { SsoIntentService } from './intents/sso-intent.service.js';
import { IdentityController } from './linked-identities/identity.controller.js';
import { IdentityService } from './linked-identities/identity.service.js';
import { LogoutTokenController } from './logout/logout-token.controller.js';
import { ProviderLogoutService } from './logout/provider-logout.service.js';
import { SamlLogoutController } from './logout/saml-logout.controller.js';
import { SsoStateService } from './login-state/sso-state.service.js';
import { LogoutTokenVerifier } from './oidc/logout-token.verifier.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { SamlProvider } from './saml/saml-provider.js';
import { SamlMessageReader } from './saml/saml-message.reader.js';
import { OidcSignInService } from './sign-in/oidc-sign-in.service.js';
import { SamlSignInService } from './sign-in/saml-sign-in.service.js';
import { SsoPageInterceptor } from './sign-in/sso-page.interceptor.js';
import { SsoSignInController } from './sign-in/sso-sign-in.controller.js';
import { SsoSignInService } from './sign-in/sso-sign-in.service.js';

@Module({
  imports: [
    OutgoingModule,
    EventModule,
    OperatorModule,
    UserModule,
    OrganizationModule,
    UnitModule,
    AdmissionModule,
    PageModule,
    AuthSettingsModule,
    BrandingModule,
    SettingModule,
    AccessModule,
    IdentityModule,
  ],
  controllers: [
    ConnectionController,
    SsoSignInController,
    IdentityController,
    DiscoveryController,
    LogoutTokenController,
    SamlLogoutController,
  ],
  providers: [
    ConnectionService,
    ConnectionSecretService,
    DiscoveryService,
    ConnectionStore,
    IdentityStore,
    OidcProvider,
    LogoutTokenVerifier,
    ProviderLogoutService,
    SamlProvider,
    SamlMessageReader,
    SsoAdmissionService,
    ClaimWarningReporter,
    SsoProfileService,
    SsoPageInterceptor,
    SsoSignInService,
    IdentityService,
    OidcSignInService,
    SamlSignInService,
    SsoCallbackHandler,
    SsoIntentService,
    SsoStateService,
    ConnectionTestService,
    UsableConnectionService,
  ],
  exports: [ConnectionService],
})
export class SsoModule {}
