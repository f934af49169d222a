import { defineErrors } from '../common/errors/index.js';

export const authErrors = defineErrors('auth', {
  unauthenticated: ['unauthenticated', 'Sign in first.'],
  invalid_token: [
    'unauthenticated',
    'The access token or API key is not valid, or has expired, or its session has ended.',
  ],
  forbidden: ['forbidden', 'Your role does not allow this.'],
  user_required: ['forbidden', 'An API key cannot do this. It needs somebody who is signed in.'],
  invalid_credentials: ['unauthenticated', 'The e-mail address or the password is wrong.'],
  email_not_verified: ['forbidden', 'Open the link in the mail that was sent to this address first.'],
  account_blocked: ['forbidden', 'This account is blocked. Ask the operator.'],
  too_many_attempts: ['rate_limited', 'Too many attempts. Wait and try again.'],
  busy: ['unavailable', 'Too many people are signing in right now. Try again in a moment.'],
  password_too_short: ['unprocessable', 'The password is too short.'],
  password_too_weak: [
    'unprocessable',
    'The password must not be made of a few characters only, or of your name, your e-mail address or the operator.',
  ],
  invalid_one_time_token: ['unprocessable', 'This link or code is not valid any more: it was used, or it has expired.'],
  already_verified: ['conflict', 'This address is verified already. Sign in.'],
  invalid_refresh_token: ['unauthenticated', 'The refresh token is not valid any more. Sign in again.'],
  refresh_token_reused: [
    'unauthenticated',
    'The refresh token was used before; its session has been ended. Sign in again.',
  ],
  organization_selection_required: ['forbidden', 'You belong to several organizations. Choose one.'],
  method_not_allowed: ['forbidden', 'This way of signing in is not allowed here.'],
  mfa_required: ['forbidden', 'A second factor is required here.'],
  email_domain_not_allowed: ['forbidden', 'Addresses in this domain are not allowed here.'],
  session_too_old: ['unauthenticated', 'You signed in too long ago for this. Sign in again.'],
  session_idle: ['unauthenticated', 'You have been away too long for this. Sign in again.'],
  registration_closed: ['forbidden', 'Nobody can register here without an invitation.'],
  wrong_password: ['forbidden', 'The password is wrong.'],
  email_unchanged: ['unprocessable', 'This is your address already.'],
  email_change_not_found: ['not_found', 'No change of your address is waiting.'],
  session_not_found: ['not_found', 'There is no such session.'],
});
