import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { commonErrors } from '../common/errors/index.js';
import { assertMatches, documentIfMatch } from '../http/index.js';

/** The state that a request requires. Undefined headers require nothing. */
export interface Preconditions {
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
}

/** Injects `If-Match` and `If-None-Match` of the request. */
export const Conditions = createParamDecorator(
  (_: unknown, context: ExecutionContext): Preconditions => {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
  },
  [documentIfMatch],
);

/** Compares weakly, as RFC 9110 requires for `If-None-Match`. */
const names = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

/** Checks against `etag`, which is null if the variable does not exist. Call it under a lock that covers both cases. */
export function assertPreconditions({ ifMatch, ifNoneMatch }: Preconditions, etag: string | null): void {
  if (etag === null) {
    if (ifMatch !== undefined) throw commonErrors.precondition_failed({ detail: 'The variable no longer exists.' });
    return;
  }
  assertMatches(ifMatch, etag);
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag)) {
    throw commonErrors.precondition_failed({ detail: 'The variable exists already.' });
  }
}
