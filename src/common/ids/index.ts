import { randomFillSync } from 'node:crypto';
import { v7, validate } from 'uuid';

const RANDOM_BYTES = 16;
const pool = new Uint8Array(256 * RANDOM_BYTES);
let used = pool.length;

/** Fetches random bytes for many ids at once, because the call costs more than the rest of an id. */
function randomBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += RANDOM_BYTES));
}

let msecs = 0;
let seq = 0;

/** Creates a UUIDv7. Ids sort by time, also within a millisecond. */
export function newId(): string {
  const random = randomBytes();
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // Leaves half of the range to count up within the millisecond.
    seq = ((random[0] ?? 0) << 23) | ((random[1] ?? 0) << 15) | ((random[2] ?? 0) << 7);
  } else {
    seq++;
  }
  return v7({ random, msecs, seq });
}

export const isId = (value: unknown): value is string => typeof value === 'string' && validate(value);

const RESERVED = new Set(
  `about account accounts admin api app assets auth billing branding callback console dashboard docs health
  healthz help home internal invitations login logout mail me metrics new null oauth openapi operator operators
  organization organizations public readyz register root saml scim settings signin signup sso static status support
  system t trellis undefined unit units user users webhooks well-known www`.split(/\s+/),
);

export const SLUG_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])$/;

export const isReservedSlug = (slug: string): boolean => RESERVED.has(slug);

/** Derives a slug from a name: `Ünïted Parks & Co.` gives `united-parks-co`. Uses `fallback` when nothing is left. */
export function slugFrom(name: string, fallback: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return SLUG_PATTERN.test(slug) && !isReservedSlug(slug)
    ? slug
    : `${fallback}-${slug || 'new'}`.slice(0, 40).replace(/-+$/, '');
}
