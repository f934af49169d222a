import { normalizeCode } from '../../../common/validation/index.js';
import { generateSecret, generateURI, verify } from 'otplib';

/** Seconds a code may be early or late, which is one step. */
const TOLERANCE_SECONDS = 30;

/** 160 bits, base32. */
export const newTotpSecret = (): string => generateSecret();

/** Returns the URI that authenticator apps read from the QR code. */
export const totpUri = (secret: string, issuer: string, label: string): string =>
  // A colon would end the issuer early.
  generateURI({ secret, issuer: issuer.replaceAll(':', ' '), label });

/** Returns the time step of a current code (RFC 6238: SHA-1, 6 digits, 30 seconds), or null if the code is wrong. */
export async function stepOf(secret: string, code: string): Promise<number | null> {
  const token = normalizeCode(code);
  // The library throws on other input.
  if (!/^\d{6}$/.test(token)) return null;
  const result = await verify({ secret, token, epochTolerance: TOLERANCE_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}
