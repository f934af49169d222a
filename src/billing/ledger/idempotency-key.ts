import { hash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { billingErrors } from './billing.errors.js';

/** Documents the header in openapi.json. */
export const KEY_HEADER = {
  name: 'Idempotency-Key',
  required: true,
  description: 'A request that is repeated with the same key is executed once and gets the same response.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const KEY = /^[\x20-\x7e]{1,255}$/;

export function checkKey(key: unknown): string {
  if (key === undefined || key === null) throw billingErrors.idempotency_key_required();
  if (typeof key !== 'string' || !KEY.test(key) || key.trim() === '') throw billingErrors.idempotency_key_invalid();
  return key;
}

const keyOf = (context: ExecutionContext): unknown =>
  context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];

/** Injects the request's `Idempotency-Key`, which is required. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) => checkKey(keyOf(context)));

/** Injects the `Idempotency-Key`, or null when there is none. */
export const OptionalIdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const key = keyOf(context);
  return key === undefined ? null : checkKey(key);
});

/** Hashes everything that a key stands for: the request and its subject. */
export const hashOf = (...parts: unknown[]): string =>
  hash('sha256', JSON.stringify(parts.map((part) => (typeof part === 'bigint' ? part.toString() : part))), 'base64url');
