const MAX_LENGTH = 4096;

/** Returns why a value cannot be stored as a small JSON object, as the end of a sentence, or null. */
export function jsonFault(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) return 'must be an object';
  const text = JSON.stringify(value);
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  // PostgreSQL accepts neither in JSON.
  return /\\u0000|\\ud[89a-f]/i.test(text) ? 'must not contain control characters' : null;
}
