import { ApiExtension } from '@nestjs/swagger';

export const ERROR_CODES = 'x-error-codes';
/** Marks routes that handle idempotency keys themselves, for the builder. Not part of the document. */
export const OWN_IDEMPOTENCY_EXTENSION = 'x-own-idempotency';
/** Marks routes whose response shows a secret once, for the builder. Not part of the document. */
export const SHOWS_SECRET_EXTENSION = 'x-shows-secret';
/** Marks routes whose errors browsers get as pages, for the builder. */
export const PAGES_EXTENSION = 'x-pages';

/**
 * Lists the error codes of an operation that only its service throws: `@ApiErrors('organizations.slug_taken')`. Errors of
 * access, validation, `If-Match` and `Idempotency-Key` are derived from the declaration of the operation.
 */
export const ApiErrors = (...codes: string[]) => ApiExtension(ERROR_CODES, codes);
