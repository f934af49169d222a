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
  /** With `oidc` and `saml`: when the identity provider says that it authenticated the user, as an ISO instant. */
  ssoAuthenticatedAt?: string | null;
}

/** The facts about a session that sign-in policies check. */
export interface SessionFacts extends Proof {
  ageSeconds: number;
  /** Longer ago than the session is old, if the user let a program in with it. */
  signedInSecondsAgo: number;
  /** Seconds since the last refresh. */
  idleSeconds: number;
  /** The method by which the user proved who they are to this server itself. Null if only an identity provider vouched. */
  ownMethod: SignInMethod | null;
}

/** An identity provider can claim that it asked for a second factor. All other factors were shown to this server. */
export const isOwn = (factor: Factor): boolean => factor !== 'sso';

/**
 * Tells whether the user proved anything to this server itself. Without that, a session is only as wide as the word of
 * the identity provider that opened it: it acts in the provider's organization.
 */
export const hasOwnProof = ({ ownMethod, factors }: Pick<SessionFacts, 'ownMethod' | 'factors'>): boolean =>
  ownMethod !== null || factors.some(isOwn);

export const proofBy = (method: SignInMethod, factors: readonly Factor[] = []): Proof => ({
  method,
  factors,
  ssoOrganizationId: null,
});

/** Returns the facts of a session that begins now. */
export const newSession = (proof: Proof): SessionFacts => ({
  ...proof,
  ageSeconds: 0,
  signedInSecondsAgo: 0,
  idleSeconds: 0,
  ownMethod: proof.ssoOrganizationId === null ? proof.method : null,
});

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
