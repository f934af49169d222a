const MAX_HEADERS = 20;
const MAX_VALUE = 1000;
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Printable ASCII, which every server accepts in a header. */
const VALUE = /^[\x20-\x7e]*$/;

/** Headers of the delivery itself, and of its connection. */
const RESERVED = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

export const isReservedHeader = (name: string): boolean =>
  RESERVED.has(name.toLowerCase()) || /^webhook-/i.test(name) || /^proxy-|^sec-/i.test(name);

/** Returns what is wrong with headers, as the end of a sentence, or null. */
export function headersFault(headers: unknown): string | null {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    return 'must be an object of names and values';
  const entries = Object.entries(headers as Record<string, unknown>);
  if (entries.length > MAX_HEADERS) return `must have at most ${MAX_HEADERS} headers`;
  if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length) return 'must not name a header twice';
  for (const [name, value] of entries) {
    if (!NAME.test(name)) return 'must have names of letters, digits and hyphens';
    if (typeof value !== 'string' || value.length > MAX_VALUE || !VALUE.test(value))
      return `must have values of at most ${MAX_VALUE} printable ASCII characters`;
  }
  return null;
}
