import { KEY_SOURCE } from './variable.key.js';

const PLACEHOLDER = new RegExp(`\\{\\{(${KEY_SOURCE})\\}\\}`, 'g');

export interface Substituted {
  text: string;
  /** Keys without a value, each once, in the order of the text. */
  unknown: string[];
}

/**
 * Replaces `{{KEY}}` by values and leaves unknown keys unchanged. Values are not searched for placeholders, so one variable
 * cannot reveal another. A placeholder of 5 characters may become 4 KiB: limit the result if `text` comes from a user.
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
