import type { MfaMethod, SignInMethod } from '../../settings/index.js';

/**
 * What was shown beside the method. `recovery_code` stands in for a second factor that was lost; `sso`: the identity
 * provider said that it asked for one itself.
 */
export type Factor = MfaMethod | 'recovery_code' | 'sso';

/** How somebody showed who he is. */
export interface Proof {
  method: SignInMethod;
  factors: readonly Factor[];
  /** With `oidc` and `saml`: the organization whose identity provider spoke for him. It speaks for that one alone. */
  ssoOrganizationId: string | null;
}

/** What is known of a session where it enters. */
export interface SessionFacts extends Proof {
  ageSeconds: number;
  /** Since its last refresh. */
  idleSeconds: number;
}

export const proofBy = (method: SignInMethod, factors: readonly Factor[] = []): Proof => ({
  method,
  factors,
  ssoOrganizationId: null,
});

/** A session that begins now. */
export const newSession = (proof: Proof): SessionFacts => ({ ...proof, ageSeconds: 0, idleSeconds: 0 });

/** RFC 8176, as far as it has names for it. */
const REFERENCES: Record<SignInMethod | Factor, string[]> = {
  password: ['pwd'],
  magic_link: ['mail'],
  passkey: ['hwk', 'user'],
  oidc: ['fed'],
  saml: ['fed'],
  totp: ['otp'],
  recovery_code: ['kba'],
  sso: [],
};

/** The `amr` claim: how the session was opened, and `mfa` where that took more than one factor. */
export function amrOf({ method, factors }: Proof): string[] {
  const references = [method, ...factors].flatMap((one) => REFERENCES[one]);
  return [...new Set([...references, ...(factors.length > 0 ? ['mfa'] : [])])];
}
