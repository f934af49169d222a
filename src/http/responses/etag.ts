import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { commonErrors } from '../../common/errors/index.js';

/** Returns the entity tag of a row's version, for `ETag` and `If-Match`. */
export const etagOf = (version: number): string => `"${version}"`;

/** Returns what a view says about the version of its row. Its etag is the `ETag` header of a response with that view alone. */
export const versionAndEtag = (version: number): { version: number; etag: string } => ({
  version,
  etag: etagOf(version),
});

/** Documents `If-Match` in openapi.json, for the parameter decorators that read it. */
export const documentIfMatch: ParameterDecorator = (target, name) => {
  const handler = name === undefined ? undefined : Object.getOwnPropertyDescriptor(target, name);
  if (!handler) return;
  const header = ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The `ETag` that you read. If it is no longer current, the change is refused with 412.',
    schema: { type: 'string' },
  }) as MethodDecorator;
  header(target, name as string, handler);
};

/** Injects `If-Match` of the request, undefined if it has none. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'],
  [documentIfMatch],
);

/** Throws precondition_failed unless `ifMatch` is undefined, `*`, or lists `etag`. Call it under the row's lock. */
export function assertMatches(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const given = ifMatch.split(',').map((tag) => tag.trim());
  if (!given.includes(etag)) throw commonErrors.precondition_failed();
}
