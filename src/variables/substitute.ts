import { KEY_SOURCE } from './variable.key.js';

const PLACEHOLDER = new RegExp(`\\{\\{(${KEY_SOURCE})\\}\\}`, 'g');

export interface Substituted {
  text: string;
  /** Keys that have no value, each once, in the order they were met. */
  unknown: string[];
}

/**
 * Puts values in the place of `{{KEY}}`; what is unknown stays as it stands. Values are not looked through again, so that
 * nobody can make one variable show another. A placeholder of 5 characters may become 4 KiB: limit what comes out where
 * `text` is somebody else's.
 */
export function substitute(text: string, values: ReadonlyMap<string, { value: string }>): Substituted {
  const unknown = new Set<string>();
  const replaced = text.replace(PLACEHOLDER, (placeholder: string, key: string) => {
    const found = values.get(key);
    if (found) return found.value;
    unknown.add(key);
    return placeholder;
  });
  return { text: replaced, unknown: [...unknown] };
}
