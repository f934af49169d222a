import { isObject } from './document.js';
import { type BulkOperation, isReadable, type UnreadableOperation } from './bulk-request.js';

const PREFIX = 'bulkId:';

const referenceIn = (text: string): string | null => (text.startsWith(PREFIX) ? text.slice(PREFIX.length) : null);

/**
 * Copies a resource or the operations of a PATCH, with `replace` applied to the references in it. Only a `value` can be one, so a
 * name that looks like a reference stays a name.
 */
function mapReferences(data: unknown, replace: (bulkId: string) => string): unknown {
  if (Array.isArray(data)) return data.map((item) => mapReferences(item, replace));
  if (!isObject(data)) return data;
  const entries = Object.entries(data).map(([name, value]) => {
    const bulkId = name === 'value' && typeof value === 'string' ? referenceIn(value) : null;
    return [name, bulkId === null ? mapReferences(value, replace) : replace(bulkId)];
  });
  return Object.fromEntries(entries) as unknown;
}

/** Calls `visit` for each reference in a resource or the operations of a PATCH, without copying what may be megabytes. */
function eachReference(data: unknown, visit: (bulkId: string) => void): void {
  if (Array.isArray(data)) for (const item of data) eachReference(item, visit);
  else if (isObject(data))
    for (const [name, value] of Object.entries(data)) {
      const bulkId = name === 'value' && typeof value === 'string' ? referenceIn(value) : null;
      if (bulkId === null) eachReference(value, visit);
      else visit(bulkId);
    }
}

/** Returns the bulkIds that an operation refers to, in its path and its data. */
export function referencesOf({ target, data }: BulkOperation): Set<string> {
  const found = new Set<string>();
  const ofPath = referenceIn(target.id ?? '');
  if (ofPath !== null) found.add(ofPath);
  eachReference(data, (bulkId) => found.add(bulkId));
  return found;
}

/** Returns the operation with ids in place of the references. Those without an id stay as they are. */
export function withIds(operation: BulkOperation, ids: ReadonlyMap<string, string>): BulkOperation {
  if (referencesOf(operation).size === 0) return operation;
  const { target, data } = operation;
  const idOf = (bulkId: string): string => ids.get(bulkId) ?? `${PREFIX}${bulkId}`;
  const ofPath = referenceIn(target.id ?? '');
  return {
    ...operation,
    target: ofPath === null ? target : { ...target, id: idOf(ofPath) },
    data: mapReferences(data, idOf),
  };
}

/**
 * Puts operations after those that create what they refer to, and keeps the order of the request otherwise. `circular` are those
 * that wait for each other, and what refers to them.
 */
export function orderOf(operations: readonly (BulkOperation | UnreadableOperation)[]): {
  order: number[];
  circular: Set<number>;
} {
  const creators = new Map<string, number>();
  operations.forEach((operation, index) => {
    const { method, bulkId } = operation;
    if (method === 'POST' && bulkId !== null && !creators.has(bulkId)) creators.set(bulkId, index);
  });
  const awaited = operations.map((operation) =>
    isReadable(operation) ? [...referencesOf(operation)].map((bulkId) => creators.get(bulkId)) : [],
  );
  const left = new Set(operations.keys());
  const order: number[] = [];
  for (;;) {
    const next = [...left].find((index) => awaited[index]?.every((one) => one === undefined || !left.has(one)));
    if (next === undefined) break;
    left.delete(next);
    order.push(next);
  }
  return { order: [...order, ...left], circular: left };
}
