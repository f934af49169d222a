import type { SamlAssertion } from '../saml/saml-provider.js';

/** What a sign-in is for that signs nobody in. */
export type Intent =
  | { kind: 'test'; callerId: string }
  /** Somebody signed in shows that an identity is his. */
  | { kind: 'link'; userId: string; sessionId: string };

/** What waits while somebody is at his provider. */
export interface Begun {
  connectionId: string;
  /** Hash of the secret of the browser that began. */
  browser: string;
  returnTo?: string;
  codeChallenge?: string;
  audience?: string;
  intent?: Intent;
}

/** A sign-in that is all but done, until its browser shows itself. */
export interface Waiting {
  begun: Begun;
  assertion: SamlAssertion;
}
