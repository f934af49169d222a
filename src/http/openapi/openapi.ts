import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { ApiProperty, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { AccessRule } from '../../common/access/index.js';
import { errorCatalogue } from '../../common/errors/index.js';
import { ERROR_CODES, OWN_IDEMPOTENCY_EXTENSION } from '../problems/api-errors.decorator.js';
import { INTERNAL_ERROR, PROBLEM_TYPE } from '../problems/problem.js';
import { UNLIMITED_EXTENSION } from '../requests/request-limiter.js';
import { derivedErrors } from './derived-errors.js';
import { operationIds } from './operation-ids.js';

class ProblemField {
  @ApiProperty({
    description: 'Path in the request, dots between levels; empty for the body as a whole.',
    example: 'address.city',
  })
  field: string;

  @ApiProperty({ example: 'city must be a string' })
  message: string;
}

/** The shape of every error, for openapi.json. */
class Problem {
  @ApiProperty({ format: 'uri-reference', example: '/docs/errors#validation_failed' })
  type: string;

  @ApiProperty({ example: 'Bad Request' })
  title: string;

  @ApiProperty({ type: 'integer', example: 400 })
  status: number;

  @ApiProperty({ description: 'For people; may change.', example: 'The request is not valid.' })
  detail: string;

  @ApiProperty({ description: 'For programs; stays.', example: 'validation_failed' })
  code: string;

  @ApiProperty({ description: 'The `X-Request-Id` of the answer, to quote to the support.' })
  requestId: string;

  @ApiProperty({ type: [ProblemField], required: false })
  errors?: ProblemField[];
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const PROBLEM_REF = `#/components/schemas/${Problem.name}`;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  [ERROR_CODES]?: string[];
  'x-requires'?: AccessRule;
  [UNLIMITED_EXTENSION]?: boolean;
  [OWN_IDEMPOTENCY_EXTENSION]?: boolean;
};

export interface PathOperation {
  path: string;
  method: string;
  operation: Operation;
}

function operationsOf(document: OpenAPIObject): PathOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => (item[method] ? [{ path, method, operation: item[method] }] : [])),
  );
}

/** Adds the path parameters that only the access guard reads. */
function completeParameters({ path, operation }: PathOperation): void {
  const known = operation.parameters ?? [];
  const missing = [...path.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !known.some((one) => 'in' in one && one.in === 'path' && one.name === name))
    .map((name) => ({
      name,
      in: 'path' as const,
      required: true,
      schema: { type: 'string' as const, ...(name.endsWith('Id') && { format: 'uuid' }) },
    }));
  operation.parameters = [...missing, ...known];
}

/** The frame keeps the `Idempotency-Key` of a POST whose caller it knows, unless the body is a file. */
function idempotencyOf(method: string, operation: Operation): 'frame' | 'own' | 'none' {
  const { requestBody, 'x-requires': rule } = operation;
  if (method !== 'post' || !rule || rule.level === 'public') return 'none';
  if (operation[OWN_IDEMPOTENCY_EXTENSION]) return 'own';
  const takesFile = requestBody && 'content' in requestBody && 'multipart/form-data' in requestBody.content;
  return takesFile ? 'none' : 'frame';
}

/** Completes the error codes of an operation and documents a response for each status among them. */
function addErrors({ path, method, operation }: PathOperation, statusOf: ReadonlyMap<string, number>): void {
  const derived = derivedErrors({
    path,
    method,
    rule: operation['x-requires'],
    unlimited: operation[UNLIMITED_EXTENSION] ?? false,
    idempotency: idempotencyOf(method, operation),
  });
  const codes = [...new Set([...derived, ...(operation[ERROR_CODES] ?? [])])].sort();
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const status = statusOf.get(code);
    if (status === undefined) throw new Error(`${method} ${path} lists an unknown error code: ${code}`);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  for (const [status, own] of byStatus) {
    operation.responses[status] ??= {
      description: `${STATUS_CODES[status]}: ${own.map((code) => `\`${code}\``).join(', ')}`,
      content: { [PROBLEM_TYPE]: { schema: { $ref: PROBLEM_REF } } },
    };
  }
  operation[ERROR_CODES] = codes;
  delete operation[UNLIMITED_EXTENSION];
  delete operation[OWN_IDEMPOTENCY_EXTENSION];
}

/** The same content always gives the same text, whatever order modules are loaded in. */
function sortKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortKeys) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)])) as T;
}

function versionOfProduct(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

const head = () =>
  new DocumentBuilder()
    .setTitle('Trellis')
    .setDescription('Organizations, branding, sign-in, roles and credits. Errors: `/docs/errors`.')
    .setVersion(versionOfProduct())
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An access token, or an API key (`trl_…`).' })
    .build();

/** The OpenAPI 3 document of `app`, which need not be initialized. Throws on an error code that no module declares. */
export function buildOpenApi(app: INestApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, head(), {
    operationIdFactory: (controller, method) => `${controller}.${method}`,
    extraModels: [Problem],
  });
  const statusOf = new Map([...errorCatalogue(), INTERNAL_ERROR].map(({ code, status }) => [code, status]));
  const operations = operationsOf(document);
  const ids = operationIds(operations.map(({ operation }) => operation.operationId ?? ''));
  operations.forEach((one, index) => {
    one.operation.operationId = ids[index];
    completeParameters(one);
    addErrors(one, statusOf);
  });
  return sortKeys(document);
}
