export { IdentityModule } from './identity.module.js';
export { EmailChangeService } from './email-change/email-change.service.js';
export { PasswordHasher } from './passwords/password-hasher.js';
export { PasswordResetService } from './password-reset/password-reset.service.js';
export { RegistrationService } from './registration/registration.service.js';
export { SessionService } from './sessions/session.service.js';
export { AccountNoticeService } from './account-notice.service.js';
export { AudienceService } from './clients/audience.service.js';
export { PasskeyStore } from './passkeys/passkey.store.js';
export { PasswordStore } from './passwords/password.store.js';
export { CurrentBrowser, hashOfBrowser, newBrowser, setBrowser } from './browser-sessions/sign-in-browser.js';
export { CurrentDevice } from './sessions/device.js';
export { SessionScopeService } from './sessions/session-scope.service.js';
export { AudienceField, SessionView, SignsIn } from './sessions/session.dto.js';
export type { Device } from './sessions/session.service.js';
export { SIGN_IN_CODE_HINT } from './sign-in/sign-in-code.js';
export { SignInService, type SignedIn, tokensOf } from './sign-in/sign-in.service.js';
export { StaffAuthorityService } from './staff-authority.service.js';
export { ReauthenticationService } from './passwords/reauthentication.service.js';
export { assertPassword } from './passwords/password.policy.js';
export { RegistrationPolicy } from './registration/registration.policy.js';
export { UndoService } from './undo/undo.service.js';
export {
  type IssuedOneTimeToken,
  type NewOneTimeToken,
  OneTimeTokenService,
  SIGN_IN_STEPS,
  type Purpose,
} from './tokens/one-time-token.service.js';
