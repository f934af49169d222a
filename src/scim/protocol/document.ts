import { refused } from './scim.errors.js';
import { type Attribute, COMMON, named, type ResourceType, targetOf } from './attributes.js';

/** A resource as clients write it, with attribute names in the case of the schema and extensions below their URN. */
export type Document = Record<string, unknown>;

const MAX_ITEMS = 50_000;
const MAX_TEXT = 10_000;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(value: unknown, { name }: Attribute): string {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string') throw refused.value(`${name} must be a string.`);
  if (text.length > MAX_TEXT) throw refused.value(`${name} must be at most ${MAX_TEXT} characters long.`);
  // PostgreSQL can store neither.
  if (text.includes('\0') || /\p{Cs}/u.test(text)) throw refused.value(`${name} contains invalid characters.`);
  return text;
}

/** Accepts text too, because Entra ID sends `"True"` and `"False"`. */
function booleanOf(value: unknown, { name }: Attribute): boolean {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : null;
  if (word === 'true' || word === 'false') return word === 'true';
  throw refused.value(`${name} must be true or false.`);
}

/** Normalizes one value of an attribute. Returns undefined when it is empty. */
export function valueOf(attribute: Attribute, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (attribute.type === 'boolean') return booleanOf(value, attribute);
  if (attribute.type !== 'complex') return textOf(value, attribute);
  // Some clients send a bare value instead of an object, such as Entra ID for the manager.
  const given = isObject(value) ? value : { value };
  const sub = attribute.subAttributes ?? [];
  if (!isObject(value) && !named(sub, 'value')) throw refused.value(`${attribute.name} must be an object.`);
  const entries = Object.entries(given).flatMap(([name, inner]) => {
    const known = named(sub, name);
    const read = known && valueOf(known, inner);
    return known && read !== undefined && read !== '' ? [[known.name, read] as const] : [];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Normalizes the content of an attribute: one value, or a list with at most one primary value. */
export function contentOf(attribute: Attribute, value: unknown): unknown {
  if (!attribute.multiValued) {
    if (Array.isArray(value)) throw refused.value(`${attribute.name} must be a single value, not a list.`);
    return valueOf(attribute, value);
  }
  if (value === null || value === undefined) return undefined;
  const list = Array.isArray(value) ? value : [value];
  if (list.length > MAX_ITEMS) throw refused.value(`${attribute.name} must have at most ${MAX_ITEMS} values.`);
  const items = list.map((item) => valueOf(attribute, item)).filter((item) => item !== undefined);
  return items.length > 0 ? onePrimary(items) : undefined;
}

/** Keeps one primary value: `last` if it is primary, otherwise the last one in the list. */
export function onePrimary(items: unknown[], last?: unknown): unknown[] {
  const primary = last ?? items.findLast((item) => isObject(item) && item.primary === true);
  if (primary === undefined || !isObject(primary) || primary.primary !== true) return items;
  return items.map((item) =>
    item !== primary && isObject(item) && item.primary === true ? { ...item, primary: false } : item,
  );
}

/** Tells whether clients may write the attribute. Read-only ones in a body are ignored, because clients send back what they read. */
export const isWritable = ({ mutability, name }: Attribute): boolean => mutability !== 'readOnly' && name !== 'schemas';

/** Parses a body. Attributes that are in no schema are dropped. */
export function documentOf(type: ResourceType, body: unknown): Document {
  if (!isObject(body)) throw refused.syntax('The body must be an object.');
  const { schemas } = body;
  if (schemas !== undefined && !(Array.isArray(schemas) && schemas.every((one) => typeof one === 'string')))
    throw refused.syntax('schemas must be a list of URNs.');
  if (Array.isArray(schemas) && !schemas.some((one: string) => one.toLowerCase() === type.schema.id.toLowerCase()))
    throw refused.syntax(`schemas must include ${type.schema.id}.`);
  const document: Document = {};
  for (const [name, value] of Object.entries(body)) put(type, document, name, value);
  return document;
}

function put(type: ResourceType, document: Document, name: string, value: unknown): void {
  const target = targetOf(type, name);
  if (!target) return;
  const { extension, attribute, sub } = target;
  if (extension && !attribute) {
    if (!isObject(value)) return;
    for (const [inner, content] of Object.entries(value)) put(type, document, `${extension.id}:${inner}`, content);
    return;
  }
  if (!attribute || sub || !isWritable(attribute) || COMMON.includes(attribute)) return;
  const content = contentOf(attribute, value);
  if (content !== undefined) homeOf(document, extension?.id ?? null)[attribute.name] = content;
}

/** Returns the object that holds the attributes of a schema, and creates it if needed. */
export function homeOf(document: Document, extension: string | null): Document {
  if (!extension) return document;
  const home = isObject(document[extension]) ? document[extension] : {};
  document[extension] = home;
  return home;
}
