import type { SamlAssertion } from '../saml/saml-provider.js';
import type { SsoIntent } from '../sso-intent.js';

/** What waits while somebody is at his provider. */
export interface PendingSsoLogin {
  connectionId: string;
  /** Hash of the secret of the browser that began. */
  browser: string;
  returnTo?: string;
  codeChallenge?: string;
  audience?: string;
  intent?: SsoIntent;
}

/** A sign-in that is all but done, until its browser shows itself. */
export interface PendingSamlResponse {
  begun: PendingSsoLogin;
  assertion: SamlAssertion;
}
