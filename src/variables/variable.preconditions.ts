import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { commonErrors } from '../common/errors/index.js';
import { assertMatches, documentIfMatch } from '../http/index.js';

/** What a request says about the state it wants to meet; undefined where it says nothing. */
export interface Preconditions {
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
}

/** The request's `If-Match` and `If-None-Match`. */
export const Conditions = createParamDecorator(
  (_: unknown, context: ExecutionContext): Preconditions => {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
  },
  [documentIfMatch],
);

/** The comparison is weak, as RFC 9110 has it for `If-None-Match`. */
const names = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

/** `etag` of what is there, null when nothing is. Call it under a lock that covers both. Throws precondition_failed. */
export function assertPreconditions({ ifMatch, ifNoneMatch }: Preconditions, etag: string | null): void {
  if (etag === null) {
    if (ifMatch !== undefined) throw commonErrors.precondition_failed({ detail: 'It is not there any more.' });
    return;
  }
  assertMatches(ifMatch, etag);
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag)) {
    throw commonErrors.precondition_failed({ detail: 'It is there already.' });
  }
}
