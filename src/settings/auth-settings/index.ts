export { authSettingsController } from './auth-settings.controller.js';
export type { StoredAuthSettings } from './auth-settings.checks.js';
export { AuthSettingsModule } from './auth-settings.module.js';
export {
  AuthSettingsConsequences,
  type AuthSettingsEdit,
  type AuthSettingsProposal,
  AuthSettingsService,
} from './auth-settings.service.js';
export { authSettingsErrors } from './auth-settings.errors.js';
export {
  admitsEmail,
  AUTH_SETTINGS,
  type AuthSettingsField,
  type FlatAuthSettings,
  MFA_METHODS,
  type MfaMethod,
  SESSION_IDLE_MINUTES,
  SESSION_MAX_MINUTES,
  SIGN_IN_METHODS,
  type SignInMethod,
} from './auth-settings.kind.js';
