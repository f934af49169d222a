import type { SamlAssertion } from '../saml/saml-provider.js';
import type { SsoIntent } from '../sso-intent.js';

/** The state of a sign-in while the user is at the identity provider. */
export interface PendingSsoLogin {
  connectionId: string;
  /** Hash of the secret of the browser that started. */
  browser: string;
  returnTo?: string;
  codeChallenge?: string;
  audience?: string;
  intent?: SsoIntent;
}

/** A verified SAML response that waits for the cookie of its browser. */
export interface PendingSamlResponse {
  begun: PendingSsoLogin;
  assertion: SamlAssertion;
}
