import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { OutgoingModule } from '../common/outgoing/index.js';
import { EventModule } from '../events/index.js';
import { MailModule } from '../mail/index.js';
import { MembershipModule } from '../memberships/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { PageModule } from '../pages/index.js';
import { AuthSettingsModule, BrandingModule, SettingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { UserModule } from '../users/index.js';
import { AuthController, KeySetController } from './auth.controller.js';
import { OperatorMetadataController, ServerMetadataController } from './tokens/server-metadata.controller.js';
import { AccountNotices } from './credentials/account-notices.js';
import { Attempts } from './credentials/attempts.js';
import { Audiences } from './clients/audiences.js';
import { ClientController } from './clients/client.controller.js';
import { Clients } from './clients/client.service.js';
import { ClientStore } from './clients/client.store.js';
import { PasswordHasher } from './credentials/password-hasher.js';
import { Passwords } from './credentials/passwords.js';
import { Reauthentication } from './credentials/reauthentication.js';
import { RegistrationPolicy } from './credentials/registration.policy.js';
import { Registration } from './credentials/registration.service.js';
import { Tries } from './credentials/tries.js';
import { SignIn } from './credentials/sign-in.service.js';
import { VerifyEmailPageController } from './credentials/verify-email.page.js';
import { ConfirmEmailPageController } from './email-change/confirm-email.page.js';
import { ConfirmEmailController, EmailChangeController } from './email-change/email-change.controller.js';
import { EmailChanges } from './email-change/email-change.service.js';
import { EmailChangeStore } from './email-change/email-change.store.js';
import { MagicLinkPageController } from './magic-link/magic-link.page.js';
import { MagicLinkController } from './magic-link/magic-link.controller.js';
import { MagicLinks } from './magic-link/magic-link.service.js';
import { InvitationAcceptance } from './invitations/invitation-acceptance.service.js';
import { InvitationPageController } from './invitations/invitation.page.js';
import { IntrospectionController } from './introspection/introspection.controller.js';
import { Introspection } from './introspection/introspection.service.js';
import { PublicInvitationController } from './invitations/public-invitation.controller.js';
import { PasswordResetPageController } from './password-reset/password-reset.page.js';
import { PasswordResetController } from './password-reset/password-reset.controller.js';
import { PasswordReset } from './password-reset/password-reset.service.js';
import { FactorResetController } from './mfa/factor-reset.controller.js';
import { FactorReset } from './mfa/factor-reset.service.js';
import { MfaController } from './mfa/mfa.controller.js';
import { MfaEvents } from './mfa/mfa.events.js';
import { MfaStore } from './mfa/mfa.store.js';
import { OwnFactors } from './mfa/own-factors.service.js';
import { SecondFactors } from './mfa/second-factors.js';
import { SecondStepController } from './mfa/second-step.controller.js';
import { SecondStep } from './mfa/second-step.service.js';
import { StepUps } from './mfa/step-up.service.js';
import { PasskeyStore } from './passkeys/passkey.store.js';
import { Passkeys } from './passkeys/passkey.service.js';
import { RelyingParty } from './passkeys/relying-party.js';
import { AccessGuard } from './guard/access.guard.js';
import { AccessStore } from './guard/access.store.js';
import { RouteRules } from './guard/route-rules.js';
import {
  OperatorAuthSettingsController,
  OrganizationAuthSettingsController,
  SignInConsequences,
} from './settings/sign-in-consequences.js';
import { KnownDevices } from './sessions/known-devices.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionEntry } from './sessions/session-entry.js';
import { Sessions } from './sessions/session.service.js';
import { SessionStore } from './sessions/session.store.js';
import { SweepSchedule } from './sweep.schedule.js';
import { SessionClaimsStore } from './sessions/session-claims.store.js';
import { ConnectionService } from './sso/connection-management/connection.service.js';
import { SSO_CONTROLLERS, SSO_PROVIDERS } from './sso/sso.parts.js';
import { AccessTokenStrategy } from './tokens/access-token.strategy.js';
import { AccessTokenVerifier } from './tokens/access-token.verifier.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { BearerAuthenticator } from './tokens/bearer-authenticator.js';
import { OneTimeTokens } from './tokens/one-time-tokens.js';
import { SigningKeys } from './tokens/signing-keys.js';

@Module({
  imports: [
    MembershipModule,
    DiscoveryModule,
    PassportModule,
    EventModule,
    MailModule,
    OperatorModule,
    UserModule,
    OrganizationModule,
    UnitModule,
    BrandingModule,
    PageModule,
    SettingModule,
    AuthSettingsModule,
    OutgoingModule,
  ],
  controllers: [
    AuthController,
    KeySetController,
    ServerMetadataController,
    OperatorMetadataController,
    SessionController,
    VerifyEmailPageController,
    PublicInvitationController,
    InvitationPageController,
    PasswordResetController,
    PasswordResetPageController,
    MagicLinkController,
    MagicLinkPageController,
    EmailChangeController,
    ConfirmEmailController,
    ConfirmEmailPageController,
    MfaController,
    FactorResetController,
    SecondStepController,
    OperatorAuthSettingsController,
    OrganizationAuthSettingsController,
    ClientController,
    IntrospectionController,
    ...SSO_CONTROLLERS,
  ],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    AccessStore,
    AccountNotices,
    AccessTokens,
    AccessTokenStrategy,
    AccessTokenVerifier,
    Attempts,
    Audiences,
    BearerAuthenticator,
    Clients,
    ClientStore,
    EmailChanges,
    EmailChangeStore,
    Introspection,
    FactorReset,
    InvitationAcceptance,
    KnownDevices,
    MagicLinks,
    MfaEvents,
    MfaStore,
    OneTimeTokens,
    OwnFactors,
    PasswordHasher,
    PasswordReset,
    Passkeys,
    PasskeyStore,
    Passwords,
    Reauthentication,
    Registration,
    RegistrationPolicy,
    RelyingParty,
    RouteRules,
    SecondFactors,
    SecondStep,
    SessionEntry,
    Sessions,
    SessionStore,
    SignIn,
    SignInConsequences,
    SigningKeys,
    StepUps,
    Tries,
    SweepSchedule,
    SessionClaimsStore,
    ...SSO_PROVIDERS,
  ],
  exports: [
    ConnectionService,
    EmailChanges,
    Sessions,
    SigningKeys,
    Registration,
    PasswordHasher,
    PasswordReset,
    RouteRules,
  ],
})
export class AuthModule {}
