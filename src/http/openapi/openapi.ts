import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { ApiProperty, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { errorCatalogue } from '../../common/errors/index.js';
import { ERROR_CODES } from '../problems/refuses.decorator.js';
import { PROBLEM_TYPE } from '../problems/problem.js';
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
  'x-requires'?: { level: string };
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

/** Parameters that only the access guard or `@IfMatch()` read are part of the operation all the same. */
function completeParameters({ path, method, operation }: PathOperation): void {
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
  const ifMatch = {
    name: 'If-Match',
    in: 'header' as const,
    required: false,
    description: 'The `ETag` that was read: the change is refused with 412 when it is no longer the current one.',
    schema: { type: 'string' as const },
  };
  operation.parameters = [...missing, ...known, ...(conditional(method) ? [ifMatch] : [])];
}

/** PUT and PATCH take `If-Match`. */
const conditional = (method: string): boolean => method === 'put' || method === 'patch';

/** The refusals any operation of its kind may answer with, beside those it lists. */
function commonStatuses({ path, method, operation }: PathOperation): number[] {
  const anybody = operation['x-requires']?.level === 'public';
  const statuses = [400, 429];
  if (!anybody) statuses.push(401, 403);
  if (path.includes('{')) statuses.push(404);
  if (method !== 'get') statuses.push(409, 422);
  if (conditional(method)) statuses.push(412);
  return statuses;
}

/** Throws when an operation lists a code that no module declares. */
function addRefusals(one: PathOperation, statusOf: ReadonlyMap<string, number>): void {
  const { operation } = one;
  const codes = [...(operation[ERROR_CODES] ?? [])].sort();
  const byStatus = new Map<number, string[]>(commonStatuses(one).map((status) => [status, []]));
  for (const code of codes) {
    const status = statusOf.get(code);
    if (status === undefined) throw new Error(`${one.method} ${one.path} lists an unknown error code: ${code}`);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const quoted = (list: string[]) => list.map((code) => `\`${code}\``).join(', ');
  for (const [status, own] of byStatus) {
    operation.responses[status] ??= {
      description: [STATUS_CODES[status], quoted(own)].filter(Boolean).join(': '),
      content: { [PROBLEM_TYPE]: { schema: { $ref: PROBLEM_REF } } },
    };
  }
  if (codes.length === 0) return;
  operation[ERROR_CODES] = codes;
  operation.description = [operation.description, `Refuses with ${quoted(codes)}.`].filter(Boolean).join('\n\n');
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
  const statusOf = new Map(errorCatalogue().map(({ code, status }) => [code, status]));
  const operations = operationsOf(document);
  const ids = operationIds(operations.map(({ operation }) => operation.operationId ?? ''));
  operations.forEach((one, index) => {
    one.operation.operationId = ids[index];
    completeParameters(one);
    addRefusals(one, statusOf);
  });
  return sortKeys(document);
}
