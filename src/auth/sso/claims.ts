import { highestRole, type Role } from '../../common/access/index.js';
import { composeText, isPrintable, mailboxOf, truncate } from '../../common/validation/index.js';
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
  /** What the provider calls its own session, at most 500 characters. Null if it does not say. */
  providerSession: string | null;
}

/** A user's data from the claims, by the mapping of the connection. */
export interface Profile {
  email: string | null;
  /** Null if the provider does not report it. */
  emailVerified: boolean | null;
  name: string | null;
  groups: string[];
  /** Usually one. */
  organizations: string[];
  /** What the groups grant. Null if no group grants anything. */
  mapped: { role: Role; roleIds: string[]; unitIds: string[] } | null;
}

/** Maximum size of claims kept with a session. */
const MAX_BYTES = 16 * 1024;
const MAX_NAME = 120;
const MAX_SESSION_NAME = 500;
/** Where providers put the parts of a name when they send no whole one, for `claimNamed`. */
const GIVEN_NAME = [
  'givenname',
  'firstname',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname',
  'urn:oid:2.5.4.42',
];
const FAMILY_NAME = [
  'familyname',
  'surname',
  'sn',
  'lastname',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname',
  'urn:oid:2.5.4.4',
];
/** Where providers put groups. Always lists, so that a condition finds a single group too. */
const GROUPS = ['groups', 'roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups'];
/** Claims about one response rather than about the user. */
const OF_THE_ANSWER = ['nonce', 'at_hash', 'c_hash', 's_hash', 'sid', 'jti', 'iat', 'nbf', 'exp', 'auth_time'];

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A name in quotes at the beginning of a path, in which dots and escaped quotes are part of the name. */
const QUOTED = /^"((?:[^"\\]|\\.)+)"(?:\.|$)/;

/**
 * Finds a claim by its name, or else by following the dots in it. The parts of a path may contain dots themselves, and may
 * be quoted: `"https://corp.example/claims".groups`.
 */
function locate(claims: Claims, path: string): { holder: Claims; name: string } | null {
  if (Object.hasOwn(claims, path)) return { holder: claims, name: path };
  const quoted = QUOTED.exec(path);
  if (quoted) {
    const [part, inner = ''] = quoted;
    const name = inner.replace(/\\(.)/g, '$1');
    if (part.endsWith('.')) return locateIn(claims, name, path.slice(part.length));
    return Object.hasOwn(claims, name) ? { holder: claims, name } : null;
  }
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const found = locateIn(claims, path.slice(0, dot), path.slice(dot + 1));
    if (found) return found;
  }
  return null;
}

function locateIn(claims: Claims, name: string, rest: string): ReturnType<typeof locate> {
  const inner = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return isObject(inner) ? locate(inner, rest) : null;
}

/** Reads a claim by its name or path. */
export function claimAt(claims: Claims, path: string): unknown {
  const found = locate(claims, path);
  return found?.holder[found.name];
}

/** Tells whether a provider says something by a claim: some send empty ones for what they do not know. */
export const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== null && (typeof value !== 'string' || value.trim() !== '');

/** Returns the claims, with what they do not say from others about the same user. */
export function completedBy(claims: Claims, others: Claims): Claims {
  const completed = { ...others };
  for (const [name, value] of Object.entries(claims)) {
    const other = completed[name];
    if (isObject(value) && isObject(other)) completed[name] = completedBy(value, other);
    else if (isSaid(value) || other === undefined) completed[name] = value;
  }
  return completed;
}

const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^user\./, '')
    .replace(/[\s_-]/g, '');

/**
 * Reads the first of some well-known claims. `names` are in lower case without separators: providers write `given_name`,
 * `givenName`, `First Name` and `User.FirstName`. Of several that are written differently, the one in `names` counts, or else
 * the first.
 */
export function claimNamed(claims: Claims, names: readonly string[]): unknown {
  const given = new Map<string, unknown>();
  for (const [name, value] of Object.entries(claims)) {
    // An empty one says nothing.
    if (textsOf(value).length === 0) continue;
    const plain = plainName(name);
    if (name === plain || !given.has(plain)) given.set(plain, value);
  }
  return names.map((name) => given.get(name)).find((value) => value !== undefined);
}

/** Returns the claims with a list at every place for groups. */
export function withGroupLists(claims: Claims, { groups }: Pick<ClaimMapping, 'groups'>): Claims {
  const copy = structuredClone(claims);
  for (const path of groups === null ? GROUPS : [groups, ...GROUPS]) {
    const found = locate(copy, path);
    if (!found) continue;
    const group = textOf(found.holder[found.name]);
    if (group !== null) found.holder[found.name] = [group];
  }
  return copy;
}

/** Returns the name of a provider's session. */
export const sessionNameOf = (given: unknown): string | null =>
  typeof given === 'string' && given !== '' && given.length <= MAX_SESSION_NAME && isPrintable(given) ? given : null;

const textOf = (value: unknown): string | null => {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  // Before the check: providers that indent XML break lines around the text.
  const text = value.trim();
  return text && isPrintable(text) ? text : null;
};

/** Accepts a list or a single value, because SAML has lists of one for everything. */
const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).map(textOf).filter((text) => text !== null);

const firstOf = (claims: Claims, path: string): string | null => textsOf(claimAt(claims, path))[0] ?? null;

const firstOfAny = (claims: Claims, names: string[]): string | null =>
  names.map((name) => firstOf(claims, name)).find((text) => text !== null) ?? null;

/** Returns the whole name, or else the given and family names. */
function nameOf(claims: Claims, mapping: ClaimMapping): string | null {
  const parts = [GIVEN_NAME, FAMILY_NAME].flatMap((names) => textsOf(claimNamed(claims, names)).slice(0, 1));
  const name = firstOfAny(claims, [mapping.name, 'name']) ?? parts.join(' ');
  return truncate(composeText(name), MAX_NAME) || null;
}

export function profileOf(claims: Claims, mapping: ClaimMapping): Profile {
  const email = firstOf(claims, mapping.email);
  const groups = mapping.groups ? textsOf(claimAt(claims, mapping.groups)) : [];
  const members = new Set(groups);
  const matching = mapping.roles.filter(({ value }) => members.has(value));
  const verified = claims.email_verified;
  return {
    email: email && mailboxOf(email),
    emailVerified:
      verified === undefined
        ? null
        : verified === true || (typeof verified === 'string' && verified.toLowerCase() === 'true'),
    name: nameOf(claims, mapping),
    groups,
    organizations: mapping.organization ? textsOf(claimAt(claims, mapping.organization)) : [],
    mapped: matching.length > 0 ? unite(matching) : null,
  };
}

/**
 * Tells whether the provider left out the groups because there are too many. Entra then sends where to ask for them
 * instead: `_claim_names` in a token, an attribute that ends in `groups.link` in a SAML response.
 */
export function leftOutGroups(claims: Claims, { groups }: Pick<ClaimMapping, 'groups'>): boolean {
  if (groups === null || claimAt(claims, groups) !== undefined) return false;
  const elsewhere = isObject(claims._claim_names) ? Object.keys(claims._claim_names) : [];
  return (
    elsewhere.includes('groups') ||
    claims.hasgroups !== undefined ||
    Object.keys(claims).some((name) => name.endsWith('/groups.link'))
  );
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
const storableText = (text: string): string => text.replaceAll('\0', '').replace(/\p{Cs}/gu, '\ufffd');

const asStored = (name: string, value: unknown): string =>
  storableText(
    JSON.stringify([name, value], (_, inner: unknown) => (typeof inner === 'string' ? storableText(inner) : inner)),
  );

const aboutUser = (claims: Claims): [name: string, value: unknown][] =>
  Object.entries(claims).filter(([name, value]) => !OF_THE_ANSWER.includes(name) && value !== undefined);

/** Returns all claims about the user, in a form that the database can store. */
export const storableClaims = (claims: Claims): Claims =>
  Object.fromEntries(aboutUser(claims).map(([name, value]) => JSON.parse(asStored(name, value)) as [string, unknown]));

/** Returns the claims about the user that access rules may use, and the names of those that exceed the size limit. */
export function keptClaims(claims: Claims): { kept: Claims; omitted: string[] } {
  const kept: [name: string, value: unknown][] = [];
  const omitted: string[] = [];
  let bytes = 0;
  for (const [name, value] of aboutUser(claims)) {
    const text = asStored(name, value);
    const size = Buffer.byteLength(text);
    const entry = JSON.parse(text) as [string, unknown];
    if (bytes + size > MAX_BYTES) {
      omitted.push(entry[0]);
      continue;
    }
    bytes += size;
    kept.push(entry);
  }
  return { kept: Object.fromEntries(kept), omitted };
}
