import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { AccessRule } from '../../common/access/index.js';
import {
  ERROR_CODES,
  OWN_IDEMPOTENCY_EXTENSION,
  PAGES_EXTENSION,
  SHOWS_SECRET_EXTENSION,
} from '../problems/api-errors.decorator.js';
import { PROBLEM_TYPE } from '../problems/problem.js';
import { UNLIMITED_EXTENSION } from '../requests/request-limiter.js';
import { isScimPath, SCIM_TYPE } from '../scim.js';
import { derivedErrors, type OperationFacts } from './derived-errors.js';
import { Problem, SCIM_ERROR } from './problem.dto.js';
import type { Json } from './schemas.js';

export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  [ERROR_CODES]?: string[];
  [PAGES_EXTENSION]?: boolean;
  'x-requires'?: AccessRule;
  [UNLIMITED_EXTENSION]?: boolean;
  [OWN_IDEMPOTENCY_EXTENSION]?: boolean;
  [SHOWS_SECRET_EXTENSION]?: boolean;
};

export interface PathOperation {
  path: string;
  method: string;
  operation: Operation;
}

interface Response {
  description: string;
  headers?: Json;
  content?: Record<string, { schema?: Json }>;
}

const header = (description: string, schema: Json = { type: 'string' }) => ({ description, schema });

export const HEADERS: Record<string, Json> = {
  'X-Request-Id': header('The id of the request: the one you sent, or a new one.'),
  ETag: header('The version of the resource, for `If-Match` and `If-None-Match`.'),
  Location: header('The path of the new resource, or where to continue.', { type: 'string', format: 'uri-reference' }),
  'Retry-After': header('Seconds to wait before the next attempt.', { type: 'integer', minimum: 1 }),
  'Idempotent-Replayed': header('`true`: the response belongs to an earlier request with this key.', {
    type: 'string',
    enum: ['true'],
  }),
  'WWW-Authenticate': header('How to authenticate (RFC 9110).'),
  'Content-Disposition': header('The name of the file.'),
};

const headers = (...names: string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** Tells who handles `Idempotency-Key`. The frame does for a POST with a known caller, unless the body is a file. */
export function idempotencyOf(method: string, operation: Operation): OperationFacts['idempotency'] {
  const { requestBody, 'x-requires': rule } = operation;
  if (method !== 'post' || !rule || rule.level === 'public') return 'none';
  if (operation[OWN_IDEMPOTENCY_EXTENSION]) return 'own';
  const takesFile = requestBody && 'content' in requestBody && 'multipart/form-data' in requestBody.content;
  return takesFile ? 'none' : 'frame';
}

function errorContent(path: string, operation: Operation): Response['content'] {
  if (isScimPath(path)) return { [SCIM_TYPE]: { schema: { $ref: `#/components/schemas/${SCIM_ERROR}` } } };
  return {
    [PROBLEM_TYPE]: { schema: { $ref: `#/components/schemas/${Problem.name}` } },
    ...(operation[PAGES_EXTENSION] && { 'text/html': { schema: { type: 'string' } } }),
  };
}

function headersOfError(status: number, replays: boolean): Json {
  return headers(
    'X-Request-Id',
    ...(status === 401 ? ['WWW-Authenticate'] : []),
    ...(status === 429 || status === 503 || status === 409 ? ['Retry-After'] : []),
    ...(replays && status !== 401 ? ['Idempotent-Replayed'] : []),
  );
}

/** Collects responses that many operations share as components. */
export class SharedResponses {
  readonly components: Record<string, Response> = {};
  private readonly names = new Map<string, string>();

  refer(status: number, response: Response): { $ref: string } {
    const text = JSON.stringify([status, response]);
    let name = this.names.get(text);
    if (name === undefined) {
      const base = (STATUS_CODES[status] ?? 'Error').replace(/\W/g, '');
      const taken = Object.keys(this.components).filter((one) => one.replace(/\d+$/, '') === base).length;
      name = taken === 0 ? base : `${base}${taken + 1}`;
      this.names.set(text, name);
      this.components[name] = response;
    }
    return { $ref: `#/components/responses/${name}` };
  }
}

/** Completes the error codes of an operation and documents a response for each of their statuses. */
export function addErrors(
  { path, method, operation }: PathOperation,
  statusOf: ReadonlyMap<string, number>,
  shared: SharedResponses,
): void {
  const idempotency = idempotencyOf(method, operation);
  const takes = (parameter: string) =>
    operation.parameters?.some((one) => 'in' in one && one.name === parameter) ?? false;
  const derived = derivedErrors({
    showsSecret: operation[SHOWS_SECRET_EXTENSION] === true,
    path,
    method,
    rule: operation['x-requires'],
    unlimited: operation[UNLIMITED_EXTENSION] ?? false,
    idempotency,
    conditional: takes('If-Match'),
    paged: takes('cursor'),
    browserSession: takes('Trellis-Session'),
  });
  const codes = [...new Set([...derived, ...(operation[ERROR_CODES] ?? [])])].sort();
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const status = statusOf.get(code);
    if (status === undefined) throw new Error(`${method} ${path} lists an unknown error code: ${code}`);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  for (const [status, own] of byStatus) {
    if (operation.responses[status]) continue;
    operation.responses[status] = shared.refer(status, {
      description: `${STATUS_CODES[status]}: ${own.map((code) => `\`${code}\``).join(', ')}`,
      headers: headersOfError(status, idempotency !== 'none'),
      content: errorContent(path, operation),
    });
  }
  operation[ERROR_CODES] = codes;
}

/** Tells whether the body of a success contains the source of `ETag`. */
function isTagged(document: OpenAPIObject, { content }: Response): boolean {
  const schema = content?.['application/json']?.schema;
  const name = typeof schema?.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
  const found = (name ? document.components?.schemas?.[name] : schema) as { properties?: Record<string, Json> };
  const { version, etag } = found?.properties ?? {};
  return version?.type === 'integer' || etag?.type === 'string';
}

/** Tells whether a `201` has a `Location`, because the new resource has a path. */
const isLocated = (document: OpenAPIObject, path: string): boolean =>
  Object.keys(document.paths).some(
    (other) => other.startsWith(`${path}/{`) && !other.slice(path.length + 1).includes('/'),
  );

/** Documents the headers of successes, and the 304 for clients that have the current version. */
export function addHeaders(document: OpenAPIObject, { path, method, operation }: PathOperation): void {
  const replays = idempotencyOf(method, operation) !== 'none';
  const scim = isScimPath(path);
  for (const [status, response] of Object.entries(operation.responses) as [string, Response][]) {
    if (Number(status) >= 400 || '$ref' in response) continue;
    const isRedirect = status.startsWith('3') && status !== '304';
    const tagged = isTagged(document, response);
    const isFile = Object.values(response.content ?? {}).some(({ schema }) => schema?.format === 'binary');
    response.headers = {
      ...headers(
        'X-Request-Id',
        ...(tagged || (scim && response.content) ? ['ETag'] : []),
        ...(isRedirect || (status === '201' && isLocated(document, path)) || (scim && response.content)
          ? ['Location']
          : []),
        ...(replays ? ['Idempotent-Replayed'] : []),
        ...(isFile ? ['Content-Disposition'] : []),
      ),
      ...response.headers,
    };
    const isScimResource = scim && /\{scim\w+Id\}$/.test(path);
    if (method !== 'get' || !(tagged || isScimResource)) continue;
    const ifNoneMatch = {
      name: 'If-None-Match',
      in: 'header' as const,
      required: false,
      schema: { type: 'string' as const },
    };
    operation.parameters = [...(operation.parameters ?? []), ifNoneMatch];
    operation.responses[304] = { description: 'Not Modified', headers: headers('X-Request-Id', 'ETag') as never };
  }
}

/** Removes extensions that only the builder needs. */
export function removeHints({ operation }: PathOperation): void {
  delete operation[UNLIMITED_EXTENSION];
  delete operation[OWN_IDEMPOTENCY_EXTENSION];
  delete operation[PAGES_EXTENSION];
  delete operation[SHOWS_SECRET_EXTENSION];
}
