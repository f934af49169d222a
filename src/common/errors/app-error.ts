import type { FieldError } from './field-error.js';

/** HTTP status of each kind of error. */
export const STATUS_OF_KIND = {
  invalid: 400,
  unauthenticated: 401,
  payment_required: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  rate_limited: 429,
  unavailable: 503,
} as const;

export type ErrorKind = keyof typeof STATUS_OF_KIND;

export interface AppErrorOptions {
  /** Fields added to the top level of the problem document. */
  data?: Record<string, unknown>;
  errors?: FieldError[];
  retryAfterSeconds?: number;
  /** `WWW-Authenticate` header, for schemes other than a bearer token. */
  challenge?: string;
}

/** Error that services throw. `code` is part of the contract, `detail` is a text for people. */
export class AppError extends Error {
  readonly status: number;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    readonly detail: string,
    readonly options: AppErrorOptions = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = 'AppError';
    this.status = STATUS_OF_KIND[kind];
  }
}

const coded = (errors: FieldError[]): FieldError[] => errors.map((error) => ({ code: 'invalid', ...error }));

type Definition = readonly [kind: ErrorKind, detail: string];
type ErrorFactory = (options?: AppErrorOptions & { detail?: string }) => AppError;

const catalogue = new Map<string, Definition>();

/**
 * Declares the errors of a module: `defineErrors('units', { not_found: ['not_found', '…'] })` returns `errors.not_found()`
 * with the code `units.not_found`. `errorCatalogue()` lists all declared errors.
 */
export function defineErrors<const T extends Record<string, Definition>>(
  module: string,
  definitions: T,
): { [K in keyof T]: ErrorFactory } {
  const factories: Record<string, ErrorFactory> = {};
  for (const [reason, definition] of Object.entries(definitions)) {
    const code = module === '' ? reason : `${module}.${reason}`;
    catalogue.set(code, definition);
    factories[reason] = ({ detail, errors, ...options } = {}) =>
      new AppError(definition[0], code, detail ?? definition[1], {
        ...options,
        ...(errors && { errors: coded(errors) }),
      });
  }
  return factories as { [K in keyof T]: ErrorFactory };
}

/** Lists all declared codes with status and text, sorted, for the documentation. */
export function errorCatalogue(): { code: string; status: number; detail: string }[] {
  return [...catalogue]
    .map(([code, [kind, detail]]) => ({ code, status: STATUS_OF_KIND[kind], detail }))
    .sort((a, b) => a.code.localeCompare(b.code));
}

/** Errors that any route may return. */
export const commonErrors = defineErrors('', {
  validation_failed: ['invalid', 'The request is not valid.'],
  malformed_request: ['invalid', 'The request could not be read.'],
  invalid_cursor: [
    'invalid',
    'The cursor does not belong to this list, filters and sort order. Start again without a cursor.',
  ],
  not_found: ['not_found', 'This resource does not exist.'],
  method_not_allowed: ['method_not_allowed', 'This path does not support this method.'],
  precondition_failed: [
    'precondition_failed',
    'The resource has changed since you read it. Read it again and repeat the change.',
  ],
  payload_too_large: ['too_large', 'The body is too large.'],
  unsupported_media_type: ['unsupported_media_type', 'Send the body as application/json.'],
  rate_limited: ['rate_limited', 'Too many requests. Wait and try again.'],
  unavailable: ['unavailable', 'The service is temporarily unavailable. Try again shortly.'],
  conflict: ['conflict', 'Another request changed the same resource. Try again.'],
});
