import { KEY_SOURCE } from '../../variables/index.js';

const PLACEHOLDER = new RegExp(`\\{\\{(${KEY_SOURCE})\\}\\}`, 'g');
const ONLY_PLACEHOLDER = new RegExp(`^\\{\\{(${KEY_SOURCE})\\}\\}$`);

/** What a document may become with its values, in characters. */
const MAX_RESULT = 1024 * 1024;

/** A value that stands for `{{NAME}}`. */
export interface PlaceholderValue {
  text: string;
  /** The text is Markdown, which a Markdown document takes over with its structure. */
  markdown?: boolean;
}

export type PlaceholderValues = Readonly<Record<string, PlaceholderValue>>;

/** The document becomes too large with its values. */
export class TooLargeError extends Error {}

export interface Filled {
  text: string;
  /** Names without a value, each once. */
  missing: string[];
}

export const valueOf = (values: PlaceholderValues, name: string): PlaceholderValue | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

/** Returns the value of a text that is nothing but a placeholder. */
export const onlyPlaceholder = (text: string): string | undefined => ONLY_PLACEHOLDER.exec(text.trim())?.[1];

/** Splits a text at its placeholders: text, name, text, name, …, text. */
export const splitAtPlaceholders = (text: string): string[] => text.split(PLACEHOLDER);

/**
 * Replaces `{{NAME}}` by values, each written by `write`, and leaves unknown names as they are. Values are not searched for
 * placeholders. Throws `TooLargeError`.
 */
export function fill(
  text: string,
  values: PlaceholderValues,
  write: (value: PlaceholderValue, offset: number) => string,
): Filled {
  const missing = new Set<string>();
  const parts: string[] = [];
  let [size, end] = [0, 0];
  const add = (part: string) => {
    size += part.length;
    if (size > MAX_RESULT) throw new TooLargeError();
    parts.push(part);
  };
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [placeholder, name = ''] = match;
    const value = valueOf(values, name);
    add(text.slice(end, match.index));
    add(value ? write(value, match.index) : placeholder);
    if (!value) missing.add(name);
    end = match.index + placeholder.length;
  }
  add(text.slice(end));
  return { text: parts.join(''), missing: [...missing] };
}

/**
 * Splits a text at its line breaks, with the spaces around them. A regular expression for the spaces as well would take time
 * with the square of their number, and texts come from organizations.
 */
export function linesOf(text: string): string[] {
  const lines = text.split(/[\r\n]+/);
  const last = lines.length - 1;
  if (last === 0) return lines;
  const trimmed = lines.map((line, index) =>
    index === 0 ? line.trimEnd() : index === last ? line.trimStart() : line.trim(),
  );
  return trimmed.filter((line, index) => line !== '' || index === 0 || index === last);
}

const oneLine = (text: string): string => linesOf(text).join(' ');

export const fillLine = (text: string, values: PlaceholderValues): Filled =>
  fill(text, values, (value) => oneLine(value.text));

export const fillText = (text: string, values: PlaceholderValues): Filled => fill(text, values, (value) => value.text);

/** A placeholder of a JSON document is always inside a text of it, because the document would not be JSON otherwise. */
export const fillJson = (text: string, values: PlaceholderValues): Filled =>
  fill(text, values, (value) => JSON.stringify(value.text).slice(1, -1));
