import { newSecret } from '../../common/crypto/index.js';

/** Characters of a key that stay readable, without its prefix. */
const SHOWN = 4;

/** The first characters say what a key is, so that scanners for leaked secrets find it. */
const PREFIXES = { organization: 'trl_', operator: 'trl_op_' } as const;
export type ApiKeyOwner = keyof typeof PREFIXES;

/** Makes the secret of a key and its hint. */
export function newApiKey(owner: ApiKeyOwner): { key: string; hint: string } {
  const key = newSecret(PREFIXES[owner]);
  return { key, hint: key.slice(0, PREFIXES[owner].length + SHOWN) };
}

const OF_ORGANIZATION = /^trl_[\w-]{43}$/;
const OF_OPERATOR = /^trl_op_[\w-]{43}$/;

/** Tells whose key a text can be, null if it has the form of none. The length tells them apart. */
export function apiKeyOwnerOf(text: string): ApiKeyOwner | null {
  if (OF_OPERATOR.test(text)) return 'operator';
  return OF_ORGANIZATION.test(text) ? 'organization' : null;
}
