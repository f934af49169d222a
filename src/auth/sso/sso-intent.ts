/** Purpose of an SSO round trip that does not create a session. */
export type SsoIntent =
  | { kind: 'test'; callerId: string }
  /** A signed-in user proves that an identity belongs to them. */
  | { kind: 'link'; userId: string; sessionId: string };
