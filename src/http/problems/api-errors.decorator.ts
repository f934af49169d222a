import { ApiExtension } from '@nestjs/swagger';

export const ERROR_CODES = 'x-error-codes';
/** Tells the builder of openapi.json that a route keeps its idempotency keys itself; not part of the document. */
export const OWN_IDEMPOTENCY_EXTENSION = 'x-own-idempotency';
/** Tells it that browsers get errors as pages. */
export const PAGES_EXTENSION = 'x-pages';

/**
 * Lists the error codes that only the service of an operation gives, for openapi.json: `@ApiErrors('organizations.slug_taken')`.
 * Those of access, validation, `If-Match` and `Idempotency-Key` follow from how the operation is declared.
 */
export const ApiErrors = (...codes: string[]) => ApiExtension(ERROR_CODES, codes);
