export { authErrors } from './auth.errors.js';
export { AuthModule } from './auth.module.js';
export { PasswordHasher } from './credentials/password-hasher.js';
export { PasswordReset } from './password-reset/password-reset.service.js';
export { Registration } from './credentials/registration.service.js';
export { RouteRules, type RouteRule } from './guard/route-rules.js';
export { Sessions } from './sessions/session.service.js';
export { PUBLISH_SECONDS, SigningKeys } from './tokens/signing-keys.js';
