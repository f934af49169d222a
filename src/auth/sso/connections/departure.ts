/** Where a browser goes to sign in at an identity provider. */
export interface Departure {
  location: string;
  /** What it posts there. Undefined: it is redirected. */
  fields?: Record<string, string>;
}
