import { refused } from './scim.errors.js';
import { type Attribute, COMMON, named, type ResourceType, type Target, targetOf } from './attributes.js';
import { contentOf, type Document, homeOf, isObject, isWritable, onePrimary, valueOf } from './document.js';
import { type Filter, filterOf, holdsFor } from './filter.js';

const OPERATIONS = ['add', 'replace', 'remove'] as const;
type Op = (typeof OPERATIONS)[number];

export interface Operation {
  op: Op;
  path: string | null;
  value: unknown;
}

interface Path extends Target {
  attribute: Attribute;
  within: Filter | null;
}

const MAX_OPERATIONS = 1_000;
/** How many values of lists a PATCH may read, so that it holds the main thread for some tens of milliseconds. */
const MAX_VISITS = 250_000;
const PATCH_URN = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Parses the operations of a PATCH. `op` is accepted in any case, because Entra ID writes `Add`. */
export function operationsOf(body: unknown): Operation[] {
  if (!isObject(body)) throw refused.syntax('The body must be an object.');
  const name = Object.keys(body).find((one) => one.toLowerCase() === 'operations') ?? '';
  const operations = body[name];
  if (!Array.isArray(operations) || operations.length === 0)
    throw refused.syntax(`The body must be a ${PATCH_URN} with at least one of Operations.`);
  if (operations.length > MAX_OPERATIONS)
    throw refused.syntax(`A PATCH can have at most ${MAX_OPERATIONS} operations.`);
  return operations.map((operation: unknown) => {
    if (!isObject(operation)) throw refused.syntax('Each operation must be an object.');
    const { op, path, value } = operation;
    const known = OPERATIONS.find((one) => typeof op === 'string' && one === op.toLowerCase());
    if (!known) throw refused.syntax('op must be add, replace or remove.');
    if (path !== undefined && path !== null && typeof path !== 'string') throw refused.path();
    return { op: known, path: path || null, value };
  });
}

/** Parses paths such as `emails[type eq "work"].value`. */
function pathOf(type: ResourceType, text: string): Path | Target {
  const [, before = '', filter, after] = /^([^[\]]+)(?:\[([^]*)\](?:\.([^[\].]+))?)?$/.exec(text.trim()) ?? [];
  const target = targetOf(type, before);
  if (!target) throw refused.path(`${text.slice(0, 200)} does not name an attribute of a ${type.schema.name}.`);
  if (filter === undefined) return { ...target, within: null };
  const { attribute } = target;
  if (!attribute?.multiValued || target.sub) throw refused.path(`${before.slice(0, 200)} is not a list.`);
  const sub = after === undefined ? null : named(attribute.subAttributes ?? [], after);
  if (sub === undefined) throw refused.path();
  return { ...target, attribute, sub, within: filterOf(filter) };
}

/**
 * Tells whether a body, whatever else it contains, ends the membership of a user. Deactivation must not fail because of another
 * part of the request.
 */
export function deactivates(body: unknown): boolean {
  if (!isObject(body)) return false;
  const under = (object: Record<string, unknown>, name: string): unknown =>
    object[Object.keys(object).find((key) => key.toLowerCase().replace(/^.*:(?=[^:]*$)/, '') === name) ?? ''];
  const isOff = (value: unknown): boolean =>
    typeof value === 'string' ? value.toLowerCase() === 'false' : value === false;
  const operations = under(body, 'operations');
  if (!Array.isArray(operations)) return isOff(under(body, 'active'));
  const values = operations.filter(isObject).flatMap((operation) => {
    const { op, path, value } = operation;
    if (typeof op !== 'string' || op.toLowerCase() === 'remove') return [];
    if (typeof path === 'string' && path) return under({ [path.trim()]: value }, 'active') ?? [];
    return (isObject(value) && under(value, 'active')) ?? [];
  });
  return isOff(values.at(-1));
}

/** Returns a copy of the document with the operations applied in order. */
export function patched(type: ResourceType, document: Document, operations: Operation[]): Document {
  const result = structuredClone(document);
  const joined = joinedOf(type, operations);
  let visits = 0;
  for (const operation of joined) {
    // Without a path, each attribute of the value may be a list.
    const parts = operation.path === null && isObject(operation.value) ? Object.keys(operation.value).length : 1;
    visits += parts * lengthOfLists(result);
    if (visits > MAX_VISITS)
      throw refused.value(
        'These operations change long lists too often. Send several values in one operation, or fewer operations.',
      );
    apply(type, result, operation);
  }
  return result;
}

const lengthOfLists = (document: Document): number =>
  Object.values(document).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0);

/**
 * Joins consecutive operations that add values to the same list, or remove values from it, into one. Directories send one for each
 * member, and each would read the whole list.
 */
function joinedOf(type: ResourceType, operations: Operation[]): Operation[] {
  const joined: Operation[] = [];
  for (const operation of operations.map((one) => withListed(type, one))) {
    const before = joined.at(-1);
    if (before && Array.isArray(before.value) && Array.isArray(operation.value) && isSameList(type, before, operation))
      before.value.push(...(operation.value as unknown[]));
    else
      joined.push(
        Array.isArray(operation.value) ? { ...operation, value: [...(operation.value as unknown[])] } : operation,
      );
  }
  return joined;
}

const isSameList = (type: ResourceType, one: Operation, other: Operation): boolean =>
  one.op === other.op &&
  one.op !== 'replace' &&
  one.path !== null &&
  one.path.toLowerCase() === other.path?.toLowerCase() &&
  isListPath(type, one.path);

/** Tells whether a path names a list as a whole. */
function isListPath(type: ResourceType, path: string): boolean {
  const target = targetOf(type, path);
  return target?.attribute?.multiValued === true && target.sub === null;
}

/** Writes `remove members[value eq "…"]` as the removal of a value, and a single value as a list. */
function withListed(type: ResourceType, operation: Operation): Operation {
  const { op, path, value } = operation;
  if (path === null || op === 'replace') return operation;
  const [, list, id] =
    (op === 'remove' && /^\s*(members)\s*\[\s*value\s+eq\s+"([\w-]{1,64})"\s*\]\s*$/i.exec(path)) || [];
  if (list && id) return { op, path: list, value: [{ value: id }] };
  return isListPath(type, path) && value !== null && value !== undefined && !Array.isArray(value)
    ? { op, path, value: [value] }
    : operation;
}

function apply(type: ResourceType, document: Document, { op, path, value }: Operation): void {
  if (path !== null) return applyAt(type, document, op, pathOf(type, path), value);
  if (op === 'remove') throw refused.noTarget('A remove operation needs a path.');
  if (!isObject(value)) throw refused.value('Without a path, value must be an object of attributes.');
  for (const [name, content] of Object.entries(value)) {
    if (/^[^[]+$/.test(name) && !targetOf(type, name)) continue;
    const target = pathOf(type, name);
    // Clients send back what they read, so read-only attributes are ignored here.
    if (target.attribute && (!isWritable(target.attribute) || COMMON.includes(target.attribute))) continue;
    applyAt(type, document, op, target, content);
  }
}

function applyAt(type: ResourceType, document: Document, op: Op, target: Path | Target, value: unknown): void {
  const { extension, attribute } = target;
  if (!attribute) return applyToExtension(type, document, op, extension?.id ?? '', value);
  if (!isWritable(attribute) || COMMON.includes(attribute) || target.sub?.mutability === 'readOnly')
    throw refused.readOnly(`${attribute.name} is read-only.`);
  const home = homeOf(document, extension?.id ?? null);
  const path = { ...target, attribute, within: 'within' in target ? target.within : null };
  const empties = op === 'remove' || (op === 'replace' && (value === null || value === undefined));
  if (path.within) setWithin(home, path, path.within, op, empties, value);
  else if (path.sub) setSub(home, path, path.sub, empties, value);
  else if (op === 'remove' && attribute.multiValued && value !== undefined && value !== null)
    removeValues(home, attribute, value);
  else if (empties) delete home[attribute.name];
  else if (op === 'add' || (attribute.type === 'complex' && !attribute.multiValued)) merge(home, attribute, value);
  else put(home, attribute.name, contentOf(attribute, value));
  if (extension && Object.keys(home).length === 0) delete document[extension.id];
}

function put(home: Document, name: string, content: unknown): void {
  if (content === undefined) delete home[name];
  else home[name] = content;
}

function applyToExtension(type: ResourceType, document: Document, op: Op, urn: string, value: unknown): void {
  if (op === 'remove' || value === null) return void delete document[urn];
  if (!isObject(value)) throw refused.value(`${urn} must be an object.`);
  for (const [name, content] of Object.entries(value)) {
    const target = targetOf(type, `${urn}:${name}`);
    if (target?.attribute) applyAt(type, document, op, target, content);
  }
}

/**
 * Adds missing values to a list, sets the given parts of an object and keeps the others, and replaces anything else
 * (RFC 7644, 3.5.2.1 and 3.5.2.3).
 */
function merge(home: Document, attribute: Attribute, value: unknown): void {
  const { name } = attribute;
  const added = contentOf(attribute, value);
  if (added === undefined) return;
  const present = home[name];
  if (Array.isArray(added) && Array.isArray(present)) {
    const known = new Set(present.map(keyOf));
    const fresh = added.filter((item) => {
      const key = keyOf(item);
      return !known.has(key) && known.add(key);
    });
    home[name] = onePrimary([...(present as unknown[]), ...fresh]);
  } else home[name] = isObject(added) && isObject(present) ? { ...present, ...added } : added;
}

/** Returns the key by which values of a list count as equal. */
const keyOf = (item: unknown): string =>
  isObject(item) && typeof item.value === 'string'
    ? `${item.value}\0${typeof item.type === 'string' ? item.type : ''}`
    : JSON.stringify(item);

/** Removes only the given values of a list. Entra ID removes members that way. */
function removeValues(home: Document, attribute: Attribute, value: unknown): void {
  const gone = contentOf(attribute, value);
  const present = home[attribute.name];
  if (!Array.isArray(gone) || !Array.isArray(present)) return;
  const idOf = (item: unknown) => (isObject(item) && item.value !== undefined ? item.value : JSON.stringify(item));
  const ids = new Set(gone.map(idOf));
  const rest = (present as unknown[]).filter((item) => !ids.has(idOf(item)));
  put(home, attribute.name, rest.length > 0 ? rest : undefined);
}

/** Sets a part such as `name.givenName`, in a list for each of its values. */
function setSub(home: Document, { attribute }: Path, sub: Attribute, empties: boolean, value: unknown): void {
  const present = home[attribute.name];
  const content = empties ? undefined : valueOf(sub, value);
  if (attribute.multiValued) {
    if (!Array.isArray(present)) throw refused.noTarget(`${attribute.name} has no value to change.`);
    const items = (present as unknown[]).map((item) => withPart(isObject(item) ? item : {}, sub.name, content));
    put(
      home,
      attribute.name,
      items.filter((item) => Object.keys(item).length > 0),
    );
    return;
  }
  const item = withPart(isObject(present) ? present : {}, sub.name, content);
  put(home, attribute.name, Object.keys(item).length > 0 ? item : undefined);
}

function withPart(item: Record<string, unknown>, name: string, content: unknown): Record<string, unknown> {
  const { [name]: _, ...rest } = item;
  return content === undefined ? rest : { ...rest, [name]: content };
}

/** Changes the values of a list for which the filter holds. If there are none, it creates one for which it would hold. */
function setWithin(
  home: Document,
  { attribute, sub }: Path,
  within: Filter,
  op: Op,
  empties: boolean,
  value: unknown,
): void {
  const present: unknown[] = Array.isArray(home[attribute.name]) ? (home[attribute.name] as unknown[]) : [];
  const caseExact = (name: string) => named(attribute.subAttributes ?? [], name)?.caseExact ?? false;
  const isMatch = (item: unknown) => isObject(item) && holdsFor(within, item, caseExact);
  const change = (item: Record<string, unknown>): Record<string, unknown> | null => {
    if (sub) return withPart(item, sub.name, empties ? undefined : valueOf(sub, value));
    if (empties) return null;
    const content = valueOf(attribute, value);
    if (!isObject(content)) return null;
    return op === 'add' ? { ...item, ...content } : content;
  };
  let changed: unknown;
  const items = present.flatMap((item) => {
    if (!isMatch(item)) return [item];
    changed = change(item as Record<string, unknown>);
    return isObject(changed) && Object.keys(changed).length > 0 ? [changed] : [];
  });
  if (!empties && !present.some(isMatch)) {
    changed = change(seedOf(attribute, within));
    if (isObject(changed)) items.push(changed);
  }
  put(home, attribute.name, items.length > 0 ? onePrimary(items, changed) : undefined);
}

/** Builds a value from a filter, such as `{ type: "work" }` from `type eq "work"`. Other kinds of filters are refused. */
function seedOf(attribute: Attribute, within: Filter): Record<string, unknown> {
  if (within.op === 'and')
    return Object.assign({}, ...within.filters.map((one) => seedOf(attribute, one))) as Record<string, unknown>;
  const part = within.op === 'eq' ? named(attribute.subAttributes ?? [], within.path) : undefined;
  if (within.op !== 'eq' || !part) throw refused.noTarget(`The filter matches no value of ${attribute.name}.`);
  const content = valueOf(part, within.value);
  return content === undefined ? {} : { [part.name]: content };
}
