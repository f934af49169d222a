import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { MailModule } from '../../mail/index.js';
import { OperatorModule } from '../../operators/index.js';
import { UserModule } from '../../users/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { UnitModule } from '../../units/index.js';
import { AdmissionModule } from '../../admission/index.js';
import { PageModule } from '../../pages/index.js';
import { AuthSettingsModule, BrandingModule, SettingModule } from '../../settings/index.js';
import { AccessModule } from '../access/index.js';
import { AccountNoticeService } from './account-notice.service.js';
import { AuthCleanupJob } from './auth-cleanup.job.js';
import { AuthController, KeySetController } from './auth.controller.js';
import { AudienceService } from './clients/audience.service.js';
import { ClientController } from './clients/client.controller.js';
import { ClientService } from './clients/client.service.js';
import { ClientStore } from './clients/client.store.js';
import { ConfirmEmailPageController } from './email-change/confirm-email.page.js';
import { ConfirmEmailController, EmailChangeController } from './email-change/email-change.controller.js';
import { EmailChangeService } from './email-change/email-change.service.js';
import { EmailChangeStore } from './email-change/email-change.store.js';
import { IntrospectionController } from './introspection/introspection.controller.js';
import { IntrospectionService } from './introspection/introspection.service.js';
import { InvitationAcceptanceService } from './invitations/invitation-acceptance.service.js';
import { InvitationPageController } from './invitations/invitation.page.js';
import { PublicInvitationController } from './invitations/public-invitation.controller.js';
import { MagicLinkController } from './magic-link/magic-link.controller.js';
import { MagicLinkPageController } from './magic-link/magic-link.page.js';
import { MagicLinkService } from './magic-link/magic-link.service.js';
import { OperatorMetadataController, ServerMetadataController } from './metadata/server-metadata.controller.js';
import { FactorResetController } from './mfa/factor-reset.controller.js';
import { FactorRemovalService } from './mfa/factor-removal.service.js';
import { FactorResetService } from './mfa/factor-reset.service.js';
import { MfaEvents } from './mfa/mfa.events.js';
import { MfaStore } from './mfa/mfa.store.js';
import { SecondFactorService } from './mfa/second-factor.service.js';
import { StepUpService } from './mfa/step-up.service.js';
import { MfaController } from './own-factors/mfa.controller.js';
import { OwnFactorService } from './own-factors/own-factor.service.js';
import { PasskeyService } from './passkeys/passkey.service.js';
import { PasskeyStore } from './passkeys/passkey.store.js';
import { RelyingParty } from './passkeys/relying-party.js';
import { PasswordResetController } from './password-reset/password-reset.controller.js';
import { PasswordResetPageController } from './password-reset/password-reset.page.js';
import { PasswordResetService } from './password-reset/password-reset.service.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordStore } from './passwords/password.store.js';
import { ReauthenticationService } from './passwords/reauthentication.service.js';
import { AccountDeviceLoginController, DeviceLoginController } from './program-sign-in/device-login.controller.js';
import { DeviceLoginService } from './program-sign-in/device-login.service.js';
import { DeviceLoginStore } from './program-sign-in/device-login.store.js';
import { LoginCodeController } from './program-sign-in/login-code.controller.js';
import { LoginCodeService } from './program-sign-in/login-code.service.js';
import { TokenRequestService } from './program-sign-in/token-request.service.js';
import { RegistrationPolicy } from './registration/registration.policy.js';
import { RegistrationService } from './registration/registration.service.js';
import { VerifyEmailPageController } from './registration/verify-email.page.js';
import { KnownDeviceService } from './sessions/known-device.service.js';
import { SessionClaimsStore } from './sessions/session-claims.store.js';
import { SessionScopeService } from './sessions/session-scope.service.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionService } from './sessions/session.service.js';
import { SessionStore } from './sessions/session.store.js';
import { SecondStepController } from './sign-in/second-step.controller.js';
import { SecondStepService } from './sign-in/second-step.service.js';
import {
  OperatorAuthSettingsController,
  OrganizationAuthSettingsController,
  SignInConsequences,
} from './sign-in/sign-in-consequences.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { MailRequestThrottle } from './throttling/mail-request-throttle.service.js';
import { SignInThrottle } from './throttling/sign-in-throttle.service.js';
import { AccessTokenService } from './tokens/access-token.service.js';
import { OneTimeTokenService } from './tokens/one-time-token.service.js';
import { StaffAuthorityService } from './staff-authority.service.js';
import { UndoPageController } from './undo/undo.page.js';
import { UndoService } from './undo/undo.service.js';

@Module({
  imports: [
    EventModule,
    MailModule,
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
    UndoPageController,
    MfaController,
    FactorResetController,
    SecondStepController,
    DeviceLoginController,
    AccountDeviceLoginController,
    LoginCodeController,
    OperatorAuthSettingsController,
    OrganizationAuthSettingsController,
    ClientController,
    IntrospectionController,
  ],
  providers: [
    AccountNoticeService,
    AccessTokenService,
    AudienceService,
    ClientService,
    ClientStore,
    DeviceLoginService,
    DeviceLoginStore,
    LoginCodeService,
    TokenRequestService,
    EmailChangeService,
    EmailChangeStore,
    IntrospectionService,
    FactorRemovalService,
    FactorResetService,
    InvitationAcceptanceService,
    KnownDeviceService,
    MagicLinkService,
    MfaEvents,
    MfaStore,
    OneTimeTokenService,
    OwnFactorService,
    PasswordHasher,
    PasswordResetService,
    PasskeyService,
    PasskeyStore,
    PasswordStore,
    ReauthenticationService,
    RegistrationService,
    RegistrationPolicy,
    RelyingParty,
    SecondFactorService,
    SecondStepService,
    SessionScopeService,
    SessionService,
    SessionStore,
    SignInService,
    SignInConsequences,
    StepUpService,
    MailRequestThrottle,
    SignInThrottle,
    StaffAuthorityService,
    UndoService,
    AuthCleanupJob,
    SessionClaimsStore,
  ],
  exports: [
    AccountNoticeService,
    AudienceService,
    EmailChangeService,
    OneTimeTokenService,
    PasskeyStore,
    PasswordHasher,
    PasswordResetService,
    PasswordStore,
    RegistrationService,
    SessionScopeService,
    SessionService,
    SignInService,
    ReauthenticationService,
    RegistrationPolicy,
    StaffAuthorityService,
    UndoService,
  ],
})
export class IdentityModule {}
