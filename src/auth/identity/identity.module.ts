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
import { AccountNotices } from './account-notice.service.js';
import { SweepSchedule } from './auth-cleanup.job.js';
import { AuthController, KeySetController } from './auth.controller.js';
import { Audiences } from './clients/audience.service.js';
import { ClientController } from './clients/client.controller.js';
import { Clients } from './clients/client.service.js';
import { ClientStore } from './clients/client.store.js';
import { ConfirmEmailPageController } from './email-change/confirm-email.page.js';
import { ConfirmEmailController, EmailChangeController } from './email-change/email-change.controller.js';
import { EmailChanges } from './email-change/email-change.service.js';
import { EmailChangeStore } from './email-change/email-change.store.js';
import { IntrospectionController } from './introspection/introspection.controller.js';
import { Introspection } from './introspection/introspection.service.js';
import { InvitationAcceptance } from './invitations/invitation-acceptance.service.js';
import { InvitationPageController } from './invitations/invitation.page.js';
import { PublicInvitationController } from './invitations/public-invitation.controller.js';
import { MagicLinkController } from './magic-link/magic-link.controller.js';
import { MagicLinkPageController } from './magic-link/magic-link.page.js';
import { MagicLinks } from './magic-link/magic-link.service.js';
import { OperatorMetadataController, ServerMetadataController } from './metadata/server-metadata.controller.js';
import { FactorResetController } from './mfa/factor-reset.controller.js';
import { FactorReset } from './mfa/factor-reset.service.js';
import { MfaEvents } from './mfa/mfa.events.js';
import { MfaStore } from './mfa/mfa.store.js';
import { SecondFactors } from './mfa/second-factor.service.js';
import { StepUps } from './mfa/step-up.service.js';
import { MfaController } from './own-factors/mfa.controller.js';
import { OwnFactors } from './own-factors/own-factor.service.js';
import { Passkeys } from './passkeys/passkey.service.js';
import { PasskeyStore } from './passkeys/passkey.store.js';
import { RelyingParty } from './passkeys/relying-party.js';
import { PasswordResetController } from './password-reset/password-reset.controller.js';
import { PasswordResetPageController } from './password-reset/password-reset.page.js';
import { PasswordReset } from './password-reset/password-reset.service.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { Passwords } from './passwords/password.store.js';
import { Reauthentication } from './passwords/reauthentication.service.js';
import { RegistrationPolicy } from './registration/registration.policy.js';
import { Registration } from './registration/registration.service.js';
import { VerifyEmailPageController } from './registration/verify-email.page.js';
import { KnownDevices } from './sessions/known-device.service.js';
import { SessionClaimsStore } from './sessions/session-claims.store.js';
import { SessionEntry } from './sessions/session-entry.js';
import { SessionController } from './sessions/session.controller.js';
import { Sessions } from './sessions/session.service.js';
import { SessionStore } from './sessions/session.store.js';
import { SecondStepController } from './sign-in/second-step.controller.js';
import { SecondStep } from './sign-in/second-step.service.js';
import {
  OperatorAuthSettingsController,
  OrganizationAuthSettingsController,
  SignInConsequences,
} from './sign-in/sign-in-consequences.js';
import { SignIn } from './sign-in/sign-in.service.js';
import { Attempts } from './throttling/rate-limit.store.js';
import { Tries } from './throttling/sign-in-throttle.service.js';
import { AccessTokens } from './tokens/access-token.service.js';
import { OneTimeTokens } from './tokens/one-time-token.service.js';

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
    MfaController,
    FactorResetController,
    SecondStepController,
    OperatorAuthSettingsController,
    OrganizationAuthSettingsController,
    ClientController,
    IntrospectionController,
  ],
  providers: [
    AccountNotices,
    AccessTokens,
    Attempts,
    Audiences,
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
    SecondFactors,
    SecondStep,
    SessionEntry,
    Sessions,
    SessionStore,
    SignIn,
    SignInConsequences,
    StepUps,
    Tries,
    SweepSchedule,
    SessionClaimsStore,
  ],
  exports: [
    AccountNotices,
    Attempts,
    Audiences,
    EmailChanges,
    OneTimeTokens,
    PasskeyStore,
    PasswordHasher,
    PasswordReset,
    Passwords,
    Registration,
    SessionEntry,
    Sessions,
    SignIn,
  ],
})
export class IdentityModule {}
