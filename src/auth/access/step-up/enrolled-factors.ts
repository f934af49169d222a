import type { Factor } from '../proof.js';

/** The second factors that a user has. */
export interface EnrolledFactors {
  totp: boolean;
  passkey: boolean;
  /** Number of unused recovery codes. */
  recoveryCodes: number;
}

export const hasAny = ({ totp, passkey }: EnrolledFactors): boolean => totp || passkey;

/** Lists the factors that the user can prove. */
export const factorsOf = ({ totp, passkey, recoveryCodes }: EnrolledFactors): Factor[] => [
  ...(totp ? (['totp'] as const) : []),
  ...(passkey ? (['passkey'] as const) : []),
  ...(recoveryCodes > 0 ? (['recovery_code'] as const) : []),
];
