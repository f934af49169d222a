export { IdentityModule } from './identity.module.js';
export { EmailChanges } from './email-change/email-change.service.js';
export { PasswordHasher } from './passwords/password-hasher.js';
export { PasswordReset } from './password-reset/password-reset.service.js';
export { Registration } from './registration/registration.service.js';
export { Sessions } from './sessions/session.service.js';
export { AccountNotices } from './account-notice.service.js';
export { Audiences } from './clients/audience.service.js';
export { PasskeyStore } from './passkeys/passkey.store.js';
export { Passwords } from './passwords/password.store.js';
export { CurrentDevice } from './sessions/device.js';
export { SessionEntry } from './sessions/session-entry.js';
export { AudienceField, SignsIn } from './sessions/session.dto.js';
export type { Device } from './sessions/session.service.js';
export { SIGN_IN_CODE_HINT } from './sign-in/sign-in-code.js';
export { SignIn, type SignedIn, tokensOf } from './sign-in/sign-in.service.js';
export { Attempts } from './throttling/rate-limit.store.js';
export {
  type IssuedOneTimeToken,
  type NewOneTimeToken,
  OneTimeTokens,
  type Purpose,
} from './tokens/one-time-token.service.js';
