import type { OpenAPIObject } from '@nestjs/swagger';
import { IGNORES_UNKNOWN_EXTENSION } from '../../common/validation/index.js';

/** A part of a JSON document whose shape does not matter here. */
export type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function eachObject(value: unknown, visit: (object: Json) => void): void {
  if (Array.isArray(value)) for (const item of value) eachObject(item, visit);
  if (!isObject(value)) return;
  visit(value);
  for (const inner of Object.values(value)) eachObject(inner, visit);
}

/** Converts `nullable` of OpenAPI 3.0 to the type `null` of OpenAPI 3.1, and unwraps `allOf` with a single reference. */
export function useNullTypes(document: OpenAPIObject): void {
  eachObject(document, (schema) => {
    const { nullable, allOf, type } = schema;
    const only: unknown = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
    if (nullable === true) {
      delete schema.nullable;
      if (only) {
        delete schema.allOf;
        schema.anyOf = [only, { type: 'null' }];
      } else if (typeof type === 'string') {
        schema.type = [type, 'null'];
        if (Array.isArray(schema.enum)) schema.enum = [...(schema.enum as unknown[]), null];
      }
    } else if (nullable === false) {
      delete schema.nullable;
    } else if (isObject(only) && '$ref' in only) {
      delete schema.allOf;
      schema.$ref = only.$ref;
    }
  });
}

const PREFIX = '#/components/schemas/';

/** Returns the names of the component schemas that `part` refers to, directly or indirectly. */
function referredFrom(document: OpenAPIObject, part: unknown, found = new Set<string>()): Set<string> {
  eachObject(part, ({ $ref }) => {
    if (typeof $ref !== 'string' || !$ref.startsWith(PREFIX)) return;
    const name = $ref.slice(PREFIX.length);
    if (found.has(name)) return;
    found.add(name);
    referredFrom(document, document.components?.schemas?.[name], found);
  });
  return found;
}

/** Closes the schemas of requests, because unknown fields are rejected. */
export function closeRequestSchemas(document: OpenAPIObject): void {
  const bodies = Object.values(document.paths).flatMap((item) =>
    Object.values(item as Json).map((operation) => (isObject(operation) ? operation.requestBody : undefined)),
  );
  for (const name of referredFrom(document, bodies)) {
    const schema = document.components?.schemas?.[name] as Json | undefined;
    if (schema?.type !== 'object') continue;
    schema.additionalProperties ??= schema[IGNORES_UNKNOWN_EXTENSION] === true;
    delete schema[IGNORES_UNKNOWN_EXTENSION];
  }
}

/** Throws if two documented classes have the same name, because one would replace the other. */
export function assertDistinctNames(document: OpenAPIObject, duplicates: Iterable<string>): void {
  const shared = [...duplicates].filter((name) => document.components?.schemas?.[name] !== undefined);
  if (shared.length === 0) return;
  throw new Error(`several DTO classes share a name; rename all but one of each: ${shared.sort().join(', ')}`);
}

/** Sorts keys, so that the text does not depend on the order in which modules are loaded. */
export function sortKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortKeys) as T;
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)])) as T;
}
