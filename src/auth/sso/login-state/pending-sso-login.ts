import type { SamlRefusal } from '../saml/saml-refusal.js';
import type { SamlAssertion } from '../saml/saml-response.js';
import type { SsoIntent } from '../sso-intent.js';

/** The state of a sign-in while the user is at the identity provider. */
export interface PendingSsoLogin {
  connectionId: string;
  /** Hash of the secret of the browser that started. */
  browser: string;
  /** Set where the provider was given the connection's own redirect URI: the response has to come in there. */
  ownRedirectUri?: true;
  returnTo?: string;
  codeChallenge?: string;
  audience?: string;
  intent?: SsoIntent;
  /** Set where the provider was asked to authenticate the user again: it has to say that it did so after this instant. */
  authenticatedAfter?: string;
}

/** What a SAML response says, or why it is refused. */
export type SamlVerdict = { assertion: SamlAssertion } | { refusal: SamlRefusal };

/** A SAML response that was read, and waits for the cookie of its browser. */
export type PendingSamlResponse = SamlVerdict & { begun: PendingSsoLogin };
