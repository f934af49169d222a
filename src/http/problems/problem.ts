import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError, FieldError } from '../../common/errors/index.js';
import { isScimPath, SCIM_TYPE, scimErrorOf } from '../scim.js';

/** The body of every error (RFC 9457). `AppErrorOptions.data` is added and cannot replace these members. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  errors?: FieldError[];
  [extension: string]: unknown;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** The response to internal errors, without details. */
export const INTERNAL_ERROR = {
  status: 500,
  code: 'internal_error',
  detail: 'An internal error occurred. Try again, or contact support with the request id.',
} as const;

export function problemOf(refusal: AppError | null, requestId: string): ProblemDocument {
  const { status, code, detail } = refusal ?? INTERNAL_ERROR;
  const { data, errors } = refusal?.options ?? {};
  return {
    ...data,
    type: `/docs/errors#${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    requestId,
    ...(errors && { errors }),
  };
}

/** Returns the challenge. Only requests with a token get a reason (RFC 6750). */
function challenge(request: FastifyRequest): string {
  const sent = /^bearer\s/i.test(request.headers.authorization ?? '');
  return sent ? 'Bearer error="invalid_token"' : 'Bearer';
}

/** Sends the problem document of `refusal`, or of an internal error if it is null. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, refusal: AppError | null): void {
  const problem = problemOf(refusal, request.id);
  const scim = isScimPath(request.raw.url ?? '');
  request.refusalCode = problem.code;
  reply
    .code(problem.status)
    .header('x-request-id', request.id)
    .header('content-type', scim ? SCIM_TYPE : PROBLEM_TYPE);
  // Set by a download that failed before its first byte.
  reply.removeHeader('content-disposition');
  if (problem.status === 401) reply.header('www-authenticate', refusal?.options.challenge ?? challenge(request));
  const retryAfter = refusal?.options.retryAfterSeconds;
  if (retryAfter !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfter)));
  // As bytes, because Fastify adds a charset to text, which this media type does not have.
  const body = scim ? scimErrorOf({ ...problem, data: refusal?.options.data }) : problem;
  reply.send(Buffer.from(JSON.stringify(body)));
}
