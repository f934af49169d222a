import { readFileSync } from 'node:fs';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { errorCatalogue } from '../../common/errors/index.js';
import { duplicateDtoNames } from '../../common/validation/index.js';
import { INTERNAL_ERROR } from '../problems/problem.js';
import { INTRODUCTION, TAGS } from './introduction.js';
import { operationIds } from './operation-ids.js';
import { ERROR_CODE, Problem, PROBLEM_EXTENSIONS, SCIM_ERROR, SCIM_ERROR_SCHEMA } from './problem.dto.js';
import {
  addErrors,
  addHeaders,
  HEADERS,
  idempotencyOf,
  type PathOperation,
  removeHints,
  SharedResponses,
} from './responses.js';
import { assertDistinctNames, closeRequestSchemas, type Json, sortKeys, useNullTypes } from './schemas.js';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

function operationsOf(document: OpenAPIObject): PathOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => (item[method] ? [{ path, method, operation: item[method] }] : [])),
  );
}

/** Removes all but the first path of a handler with several paths, which Nest numbers. */
function removeAliases(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const index = /\[(\d+)\]$/.exec(item[method]?.operationId ?? '')?.[1];
      if (index === undefined) continue;
      if (index === '0') item[method]!.operationId = item[method]!.operationId?.replace(/\[0\]$/, '');
      else delete item[method];
    }
    if (!METHODS.some((method) => item[method])) delete document.paths[path];
  }
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description: 'A request that is repeated with the same key takes effect once and gets the same response.',
  schema: { type: 'string' as const, minLength: 1, maxLength: 255 },
};

/** Adds parameters that no handler declares: those that the access guard reads from the path, and `Idempotency-Key`. */
function completeParameters({ path, method, operation }: PathOperation): void {
  const known = operation.parameters ?? [];
  const missing = [...path.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !known.some((one) => 'in' in one && one.in === 'path' && one.name === name))
    .map((name) => ({ name, in: 'path' as const, required: true, schema: { type: 'string' as const } }));
  const key = idempotencyOf(method, operation) === 'frame' ? [IDEMPOTENCY_KEY] : [];
  operation.parameters = [...missing, ...known, ...key];
  for (const parameter of operation.parameters as unknown as Json[]) {
    const { name, in: place, schema } = parameter as { name: string; in: string; schema: Json };
    if (place === 'path' && name.endsWith('Id') && schema.type === 'string') schema.format ??= 'uuid';
    if (place === 'path' && name === 'operator')
      Object.assign(parameter, { description: 'The slug of the operator.', example: 'demo' });
  }
}

function versionOfProduct(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function head(): Omit<OpenAPIObject, 'paths'> {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Trellis')
    .setDescription(INTRODUCTION)
    .setVersion(versionOfProduct())
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The server that this document comes from.')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'An access token, or an API key of an organization (`trl_…`) or an operator (`trl_op_…`).',
    })
    .addBasicAuth({
      type: 'http',
      scheme: 'basic',
      description: 'Id and secret of a client (RFC 6749, 2.3.1).',
    });
  for (const { name, description } of TAGS) builder.addTag(name, description);
  return builder.build();
}

/** Throws if an operation has a tag that the introduction does not describe. */
function assertKnownTags(operations: PathOperation[]): void {
  const known = new Set(TAGS.map(({ name }) => name));
  for (const { path, method, operation } of operations) {
    const unknown = operation.tags?.filter((tag) => !known.has(tag)) ?? [];
    if (unknown.length > 0) throw new Error(`${method} ${path} has a tag without a description: ${unknown.join(', ')}`);
  }
}

/** Lists all error codes, so that clients can be checked for those they know. */
const errorCodeSchema = (errors: { code: string; detail: string }[]): Json => ({
  type: 'string',
  description: 'Codes of errors, for programs. Codes never change. New ones may be added.',
  example: 'validation_failed',
  enum: errors.map(({ code }) => code).sort(),
  'x-enum-descriptions': Object.fromEntries(errors.map(({ code, detail }) => [code, detail])),
});

/**
 * Builds the OpenAPI 3.1 document of `app`, which need not be initialized. Throws on undeclared error codes and on two
 * documented classes with the same name.
 */
export function buildOpenApi(app: INestApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, head(), {
    operationIdFactory: (controller, method) => `${controller}.${method}`,
    extraModels: [Problem],
  });
  assertDistinctNames(document, duplicateDtoNames());
  removeAliases(document);
  useNullTypes(document);
  closeRequestSchemas(document);
  const components = (document.components ??= {});
  const schemas = (components.schemas ??= {}) as Record<string, Json>;
  const problem = schemas[Problem.name];
  Object.assign(problem?.properties as Json, PROBLEM_EXTENSIONS, {
    code: { $ref: `#/components/schemas/${ERROR_CODE}` },
  });
  schemas[SCIM_ERROR] = {
    ...SCIM_ERROR_SCHEMA,
    properties: { ...PROBLEM_EXTENSIONS, ...SCIM_ERROR_SCHEMA.properties },
  };
  const errors = [...errorCatalogue(), INTERNAL_ERROR];
  schemas[ERROR_CODE] = errorCodeSchema(errors);
  const statusOf = new Map(errors.map(({ code, status }) => [code, status]));
  const operations = operationsOf(document);
  const ids = operationIds(operations.map(({ operation }) => operation.operationId ?? ''));
  const shared = new SharedResponses();
  operations.forEach((one, index) => {
    one.operation.operationId = ids[index];
    completeParameters(one);
    addErrors(one, statusOf, shared);
    addHeaders(document, one);
    removeHints(one);
  });
  assertKnownTags(operations);
  Object.assign(components, { headers: HEADERS, responses: shared.components });
  return sortKeys(document);
}
