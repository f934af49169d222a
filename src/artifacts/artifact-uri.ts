export const MAX_URI_LENGTH = 2000;

const SCHEMES = ['https:', 's3:', 'gs:', 'registry:'];

/**
 * Tells whether a value is the address of a file: of a known scheme, with a host or bucket, and without credentials, which
 * everyone who sees the artifact could read.
 */
export function isArtifactUri(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_URI_LENGTH || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  // The parser drops spaces and line breaks, which other programs keep.
  const written = !/\s/.test(value) && /^[a-z0-9]+:\/\/[^/]/i.test(value);
  return written && SCHEMES.includes(protocol) && hostname !== '' && username === '' && password === '';
}
