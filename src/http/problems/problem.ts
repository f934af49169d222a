import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError, FieldError } from '../../common/errors/index.js';
import { isScimPath, SCIM_TYPE, scimErrorOf } from '../scim.js';

/** The body of every error, RFC 9457. `AppErrorOptions.data` stands beside these members, never in their place. */
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

/** What is said of a fault of ours: nothing of what went wrong. */
export const INTERNAL_ERROR = {
  status: 500,
  code: 'internal_error',
  detail: 'Something went wrong on our side.',
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

/** RFC 6750: the reason is only told to those who sent a token. */
function challenge(request: FastifyRequest): string {
  const sent = /^bearer\s/i.test(request.headers.authorization ?? '');
  return sent ? 'Bearer error="invalid_token"' : 'Bearer';
}

/** Answers `request` with the problem document of `refusal`, of a fault of ours when it is null. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, refusal: AppError | null): void {
  const problem = problemOf(refusal, request.id);
  const scim = isScimPath(request.raw.url ?? '');
  request.refusalCode = problem.code;
  reply
    .code(problem.status)
    .header('x-request-id', request.id)
    .header('content-type', scim ? SCIM_TYPE : PROBLEM_TYPE);
  // Of a download that failed before its first byte.
  reply.removeHeader('content-disposition');
  if (problem.status === 401) reply.header('www-authenticate', refusal?.options.challenge ?? challenge(request));
  const retryAfter = refusal?.options.retryAfterSeconds;
  if (retryAfter !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfter)));
  // As bytes: to a text Fastify would add a charset, which this media type does not have.
  const body = scim ? scimErrorOf({ ...problem, data: refusal?.options.data }) : problem;
  reply.send(Buffer.from(JSON.stringify(body)));
}
