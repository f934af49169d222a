import type { MfaMethod, SignInMethod } from '../../settings/index.js';

/**
 * A factor beside the sign-in method. `recovery_code` replaces a lost second factor. `sso` means that the identity
 * provider reports to have asked for one.
 */
export type Factor = MfaMethod | 'recovery_code' | 'sso';

/** How users have proved their identity. */
export interface Proof {
  method: SignInMethod;
  factors: readonly Factor[];
  /**
   * For `oidc` and `saml`: the organization whose identity provider signed the user in. The proof counts only there.
   */
  ssoOrganizationId: string | null;
}

/** The facts about a session that sign-in policies check. */
export interface SessionFacts extends Proof {
  ageSeconds: number;
  /** Seconds since the last refresh. */
  idleSeconds: number;
}

export const proofBy = (method: SignInMethod, factors: readonly Factor[] = []): Proof => ({
  method,
  factors,
  ssoOrganizationId: null,
});

/** Returns the facts of a session that begins now. */
export const newSession = (proof: Proof): SessionFacts => ({ ...proof, ageSeconds: 0, idleSeconds: 0 });

/** Maps methods and factors to RFC 8176 where it has names for them. */
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

/** Returns the `amr` claim: the sign-in method, the factors, and `mfa` for more than one factor. */
export function amrOf({ method, factors }: Proof): string[] {
  const references = [method, ...factors].flatMap((one) => REFERENCES[one]);
  return [...new Set([...references, ...(factors.length > 0 ? ['mfa'] : [])])];
}
