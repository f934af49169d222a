import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { OwnIdempotency, ApiErrors } from '../../http/index.js';
import { KEY_HEADER } from './idempotency-key.js';

/** Marks a route that moves credits once per Idempotency-Key. `codes` are its further error codes. */
export const MovesCredits = (...codes: string[]) =>
  applyDecorators(
    OwnIdempotency(),
    ApiHeader(KEY_HEADER),
    ApiErrors(
      'billing.idempotency_key_required',
      'billing.idempotency_key_invalid',
      'billing.idempotency_mismatch',
      ...codes,
    ),
  );
