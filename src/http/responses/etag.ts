import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { commonErrors } from '../../common/errors/index.js';

/** The entity tag of version `version` of a row, as it stands in `ETag` and `If-Match`. */
export const etagOf = (version: number): string => `"${version}"`;

/** Puts `If-Match` into openapi.json, for the parameter decorators that read it. */
export const documentIfMatch: ParameterDecorator = (target, name) => {
  const handler = name === undefined ? undefined : Object.getOwnPropertyDescriptor(target, name);
  if (!handler) return;
  const header = ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The `ETag` you read. The change is refused with 412 once it is no longer the current one.',
    schema: { type: 'string' },
  }) as MethodDecorator;
  header(target, name as string, handler);
};

/** The request's `If-Match`, undefined when it has none. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'],
  [documentIfMatch],
);

/** Throws precondition_failed unless `ifMatch` is absent, `*`, or lists `etag`. Call it under the row's lock. */
export function assertMatches(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const given = ifMatch.split(',').map((tag) => tag.trim());
  if (!given.includes(etag)) throw commonErrors.precondition_failed();
}
