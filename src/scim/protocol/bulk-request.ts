import { AppError, commonErrors } from '../../common/errors/index.js';
import { isPrintable } from '../../common/validation/index.js';
import { isObject } from './document.js';
import { refused } from './scim.errors.js';

/** Each operation is a transaction, so this bounds how long a request may take. */
export const MAX_BULK_OPERATIONS = 100;
const MAX_BULK_ID = 100;
const REQUEST_URN = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

export type BulkMethod = (typeof METHODS)[number];

/** The resource that an operation concerns. */
export interface BulkTarget {
  endpoint: 'Users' | 'Groups';
  /** An id, or a bulkId with the prefix `bulkId:`. Null for the endpoint itself. */
  id: string | null;
}

export interface BulkOperation {
  method: BulkMethod;
  bulkId: string | null;
  target: BulkTarget;
  /** The version that the resource must have. */
  version: string | undefined;
  data: unknown;
}

/** An operation that cannot be carried out, with the parts of it that could be read. */
export interface UnreadableOperation {
  method: BulkMethod | null;
  bulkId: string | null;
  refusal: AppError;
}

export interface BulkRequest {
  /** How many errors end the request. Null if none do. */
  failOnErrors: number | null;
  operations: (BulkOperation | UnreadableOperation)[];
}

export const isReadable = (operation: BulkOperation | UnreadableOperation): operation is BulkOperation =>
  !('refusal' in operation);

/** Parses a bulk request (RFC 7644, 3.7). An operation that is not valid does not keep the others from being carried out. */
export function bulkRequestOf(body: unknown): BulkRequest {
  if (!isObject(body)) throw refused.syntax('The body must be an object.');
  const { schemas, failOnErrors = null, Operations } = body;
  if (schemas !== undefined && !(Array.isArray(schemas) && schemas.includes(REQUEST_URN)))
    throw refused.syntax(`schemas must include ${REQUEST_URN}.`);
  if (failOnErrors !== null && !(Number.isSafeInteger(failOnErrors) && Number(failOnErrors) >= 1))
    throw refused.value('failOnErrors must be a whole number from 1.');
  if (!Array.isArray(Operations) || Operations.length === 0)
    throw refused.syntax('The body must have at least one of Operations.');
  if (Operations.length > MAX_BULK_OPERATIONS)
    throw commonErrors.payload_too_large({
      detail: `A request can have at most ${MAX_BULK_OPERATIONS} operations. Send the others in further requests.`,
    });
  const known = new Set<string>();
  return { failOnErrors: failOnErrors as number | null, operations: Operations.map((one) => operationOf(one, known)) };
}

function operationOf(operation: unknown, known: Set<string>): BulkOperation | UnreadableOperation {
  const given = isObject(operation) ? operation : {};
  const word = typeof given.method === 'string' ? given.method.toUpperCase() : '';
  const method = METHODS.find((one) => one === word) ?? null;
  const bulkId = bulkIdOf(given.bulkId);
  try {
    if (!isObject(operation)) throw refused.syntax('Each operation must be an object.');
    if (!method) throw refused.syntax('method must be POST, PUT, PATCH or DELETE.');
    if (given.bulkId !== undefined && given.bulkId !== null && bulkId === null)
      throw refused.value(`bulkId must be a printable text of at most ${MAX_BULK_ID} characters.`);
    if (bulkId !== null && known.has(bulkId)) throw refused.value('Another operation has this bulkId.');
    if (method === 'POST' && bulkId === null) throw refused.value('A POST needs a bulkId.');
    if (bulkId !== null) known.add(bulkId);
    const { version } = given;
    if (version !== undefined && version !== null && typeof version !== 'string')
      throw refused.value('version must be a text.');
    return { method, bulkId, target: targetOf(method, given.path), version: version ?? undefined, data: given.data };
  } catch (error) {
    if (error instanceof AppError) return { method, bulkId, refusal: error };
    throw error;
  }
}

const bulkIdOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= MAX_BULK_ID && isPrintable(value) ? value : null;

/** Parses a path relative to the base URL. No other path is valid, so an operation cannot leave its organization. */
function targetOf(method: BulkMethod, path: unknown): BulkTarget {
  const [, endpoint, id = null] =
    (typeof path === 'string' && /^\/(Users|Groups)(?:\/([^/?#]{1,120}))?\/?$/.exec(path)) || [];
  if (endpoint !== 'Users' && endpoint !== 'Groups')
    throw refused.path('path must be /Users or /Groups, with an id to change a resource.');
  if (method === 'POST' && id !== null) throw refused.path('The path of a POST has no id.');
  if (method !== 'POST' && id === null) throw refused.path(`The path of a ${method} needs an id.`);
  return { endpoint, id };
}
