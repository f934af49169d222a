import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { OWN_IDEMPOTENCY_EXTENSION } from '../problems/api-errors.decorator.js';

export const OWN_IDEMPOTENCY = 'trellis:own-idempotency';

/** Marks a route that stores its keys itself, in the transaction that moves credits. */
export const OwnIdempotency = () =>
  applyDecorators(SetMetadata(OWN_IDEMPOTENCY, true), ApiExtension(OWN_IDEMPOTENCY_EXTENSION, true));
