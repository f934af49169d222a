import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { SHOWS_SECRET_EXTENSION } from '../problems/api-errors.decorator.js';

export const SHOWS_SECRET = 'trellis:shows-secret';

/** Marks a route whose response shows a secret once. The response is not stored for `Idempotency-Key`. */
export const ShowsSecret = () =>
  applyDecorators(SetMetadata(SHOWS_SECRET, true), ApiExtension(SHOWS_SECRET_EXTENSION, true));
