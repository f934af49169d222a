import { hash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { billingErrors } from './billing.errors.js';

/** For openapi.json. */
export const KEY_HEADER = {
  name: 'Idempotency-Key',
  required: true,
  description: 'What is sent again with the same key happens once, and gets the same answer.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const KEY = /^[\x20-\x7e]{1,255}$/;

/** Throws billing.idempotency_key_required, .idempotency_key_invalid. */
export function checkKey(key: unknown): string {
  if (key === undefined || key === null) throw billingErrors.idempotency_key_required();
  if (typeof key !== 'string' || !KEY.test(key) || key.trim() === '') throw billingErrors.idempotency_key_invalid();
  return key;
}

const keyOf = (context: ExecutionContext): unknown =>
  context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];

/** The request's `Idempotency-Key`. Throws billing.idempotency_key_required, .idempotency_key_invalid. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) => checkKey(keyOf(context)));

/** The same, null when there is none. */
export const OptionalIdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const key = keyOf(context);
  return key === undefined ? null : checkKey(key);
});

/** What a key stands for: everything the caller asked for, and who asked. */
export const hashOf = (...asked: unknown[]): string =>
  hash('sha256', JSON.stringify(asked.map((one) => (typeof one === 'bigint' ? one.toString() : one))), 'base64url');
