import { HttpException } from '@nestjs/common';
import { AppError, commonErrors } from '../../common/errors/index.js';
import { type DatabaseTrouble, databaseTrouble } from './database-trouble.js';
import { httpErrors } from './http.errors.js';

/** Response and log level of an error. Without a refusal it is an internal error with status 500. */
export interface ErrorResponse {
  refusal: AppError | null;
  log: 'error' | 'warn' | null;
}

const UNAVAILABLE = () => commonErrors.unavailable({ retryAfterSeconds: 1 });

/** Fastify errors that need a more specific text than their status gives. */
const REFUSAL_OF_FASTIFY: Record<string, () => AppError> = {
  FST_ERR_BAD_URL: () => commonErrors.malformed_request({ detail: 'The path is not valid.' }),
  FST_ERR_CTP_INVALID_JSON_BODY: () => commonErrors.malformed_request({ detail: 'The body is not valid JSON.' }),
  FST_ERR_MAX_PARAM_LENGTH: () => commonErrors.not_found(),
};

const REFUSAL_OF_STATUS: Record<number, () => AppError> = {
  401: () => httpErrors.unauthenticated(),
  403: () => httpErrors.forbidden(),
  404: () => commonErrors.not_found(),
  405: () => commonErrors.method_not_allowed(),
  409: () => commonErrors.conflict(),
  412: () => commonErrors.precondition_failed(),
  413: () => commonErrors.payload_too_large(),
  414: () => commonErrors.not_found(),
  415: () => commonErrors.unsupported_media_type(),
  429: () => commonErrors.rate_limited({ retryAfterSeconds: 1 }),
  503: UNAVAILABLE,
};

const ANSWER_OF_TROUBLE: Record<DatabaseTrouble, () => ErrorResponse> = {
  unavailable: () => ({ refusal: UNAVAILABLE(), log: 'error' }),
  invalid: () => ({ refusal: commonErrors.validation_failed(), log: 'warn' }),
  conflict: () => ({ refusal: commonErrors.conflict(), log: 'warn' }),
};

interface WithStatus {
  code?: unknown;
  statusCode?: unknown;
}

/** Converts errors of the framework. Returns null for others. */
function refusalOfFramework(error: unknown): AppError | null {
  const { code, statusCode } = (error ?? {}) as WithStatus;
  const known = typeof code === 'string' ? REFUSAL_OF_FASTIFY[code] : undefined;
  if (known) return known();
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  if (typeof status !== 'number') return null;
  const refusal = REFUSAL_OF_STATUS[status];
  if (refusal) return refusal();
  return status >= 400 && status < 500 ? commonErrors.malformed_request() : null;
}

/** Converts any thrown error to its response. Has no side effects. */
export function toErrorResponse(error: unknown): ErrorResponse {
  if (error instanceof AppError) return { refusal: error, log: null };
  // Nest wraps Fastify's errors and keeps the original as the cause.
  const cause = error instanceof HttpException ? error.cause : undefined;
  const refusal = cause instanceof AppError ? cause : (refusalOfFramework(cause) ?? refusalOfFramework(error));
  if (refusal) return { refusal, log: null };
  const trouble = databaseTrouble(error);
  return trouble ? ANSWER_OF_TROUBLE[trouble]() : { refusal: null, log: 'error' };
}
