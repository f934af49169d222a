import { highestRole, type Role } from '../../common/access/index.js';
import { isPrintable, MAILBOX, normalizeEmail } from '../../common/validation/index.js';
import type { ClaimMapping } from './connections/connection.entity.js';

export type Claims = Record<string, unknown>;

/** Claims of an identity provider about a user. Their origin and audience are verified. */
export interface Assertion {
  /** Name of the provider that asserted it. */
  issuer: string;
  subject: string;
  claims: Claims;
  /** Whether this kind of provider reports which addresses it has verified. */
  saysVerified: boolean;
  /** Whether the provider reports that it asked for a second factor. */
  askedForMore: boolean;
  /** When the provider says that it authenticated the user, as an ISO instant. Null if it does not say. */
  authenticatedAt: string | null;
}

/** A user's data from the claims, by the mapping of the connection. */
export interface Profile {
  email: string | null;
  /** Null if the provider does not report it. */
  emailVerified: boolean | null;
  name: string | null;
  groups: string[];
  organization: string | null;
  /** What the groups grant. Null if no group grants anything. */
  mapped: { role: Role; roleIds: string[]; unitIds: string[] } | null;
}

/** Maximum size of claims kept with a session. */
const MAX_BYTES = 16 * 1024;
const MAX_GROUPS = 500;
/** Claims about one response rather than about the user. */
const OF_THE_ANSWER = ['nonce', 'at_hash', 'c_hash', 's_hash', 'sid', 'jti', 'iat', 'nbf', 'exp', 'auth_time'];

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a claim by its name, or else by following the dots in it. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

const textOf = (value: unknown): string | null => {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() && isPrintable(value) ? value.trim() : null;
};

/** Accepts a list or a single value, because SAML has lists of one for everything. */
const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).map(textOf).filter((text) => text !== null);

const firstOf = (claims: Claims, name: string): string | null => textsOf(claimAt(claims, name))[0] ?? null;

export function profileOf(claims: Claims, mapping: ClaimMapping): Profile {
  const email = firstOf(claims, mapping.email);
  const mailbox = email && normalizeEmail(email);
  const groups = mapping.groups ? textsOf(claimAt(claims, mapping.groups)).slice(0, MAX_GROUPS) : [];
  const matching = mapping.roles.filter(({ value }) => groups.includes(value));
  const verified = claims.email_verified;
  return {
    email: mailbox && MAILBOX.test(mailbox) && mailbox.length <= 254 ? mailbox : null,
    emailVerified: verified === undefined ? null : verified === true || verified === 'true',
    name: firstOf(claims, mapping.name)?.slice(0, 120) ?? null,
    groups,
    organization: mapping.organization ? firstOf(claims, mapping.organization) : null,
    mapped: matching.length > 0 ? unite(matching) : null,
  };
}

/** Tells whether the claims report more than one factor, by RFC 8176 or the usual classes. */
export const askedForMore = ({ amr, acr }: Claims): boolean =>
  textsOf(amr).includes('mfa') || textsOf(acr).some((one) => /multi-?factor|refeds\.org\/profile\/mfa/i.test(one));

/** Reads `auth_time`, in seconds since 1970. */
export const authenticatedAt = ({ auth_time: seconds }: Claims): string | null =>
  typeof seconds === 'number' && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : null;

const unite = (matching: ClaimMapping['roles']): NonNullable<Profile['mapped']> => ({
  role: highestRole(...matching.map(({ role }) => role)) ?? 'user',
  roleIds: [...new Set(matching.flatMap(({ roleIds }) => roleIds))],
  unitIds: [...new Set(matching.flatMap(({ unitIds }) => unitIds))],
});

/** Removes characters that the database cannot store. */
const storable = (text: string): string => text.replaceAll('\0', '').replace(/\p{Cs}/gu, '\ufffd');

/** Returns the claims about the user that access rules may use. Claims beyond the size limit are left out. */
export function keptClaims(claims: Claims): Claims {
  const kept: Claims = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(claims)) {
    if (OF_THE_ANSWER.includes(name) || value === undefined) continue;
    const text = storable(
      JSON.stringify([name, value], (_, inner: unknown) => (typeof inner === 'string' ? storable(inner) : inner)),
    );
    bytes += Buffer.byteLength(text);
    if (bytes > MAX_BYTES) break;
    const [key, content] = JSON.parse(text) as [string, unknown];
    kept[key] = content;
  }
  return kept;
}
