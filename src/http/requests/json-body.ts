import { isUtf8 } from 'node:buffer';
import { commonErrors, type FieldError, unknownField } from '../../common/errors/index.js';

/** Deeper than any body of the API, but far below the depth at which recursion overflows the stack. */
const MAX_DEPTH = 32;

/** More than the largest batch has. Parsing that many takes tens of milliseconds, in which no one else is answered. */
const MAX_VALUES = 30_000;

const [QUOTE, BACKSLASH, COMMA, LIST, OBJECT] = [...'"\\,[{'].map((character) => character.charCodeAt(0));

/** Tells whether JSON text has too many values, without parsing it. */
function hasTooManyValues(body: Buffer): boolean {
  let values = 0;
  let quoted = false;
  for (let index = 0; index < body.length && values <= MAX_VALUES; index++) {
    const byte = body[index];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted && byte === BACKSLASH) index++;
    else if (!quoted && (byte === COMMA || byte === LIST || byte === OBJECT)) values++;
  }
  return values > MAX_VALUES;
}

const malformed = (detail: string) => commonErrors.malformed_request({ detail });

/**
 * Returns an error for the first key that every object inherits (`__proto__`, `constructor`, `toString` …). No field has
 * such a name, and libraries that copy objects drop these keys silently or fail on them.
 */
function inheritedKey(value: unknown, path: string, depth: number): FieldError | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth > MAX_DEPTH) throw malformed(`The body is nested more than ${MAX_DEPTH} levels deep.`);
  for (const key of Object.keys(value)) {
    const field = path ? `${path}.${key}` : key;
    if (key in Object.prototype) return unknownField(field, key);
    const found = inheritedKey((value as Record<string, unknown>)[key], field, depth + 1);
    if (found) return found;
  }
  return null;
}

/** Parses a JSON body. Returns undefined for an empty one. */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw malformed('The body is not valid UTF-8.');
  if (hasTooManyValues(body)) throw malformed(`The body has more than ${MAX_VALUES} values.`);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw malformed('The body is not valid JSON.');
  }
  const error = inheritedKey(value, '', 0);
  if (error) throw commonErrors.validation_failed({ errors: [error] });
  return value;
}
