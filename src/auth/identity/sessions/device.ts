import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { originOf } from '../../../http/index.js';
import { isPrintable } from '../../../common/validation/index.js';
import type { Device } from './session.service.js';

/** Injects the origin of a sign-in, for the list of sessions. */
export const CurrentDevice = createParamDecorator((_: unknown, context: ExecutionContext): Device => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const userAgent = request.headers['user-agent']?.slice(0, 300);
  return { ...originOf(request), userAgent: userAgent && isPrintable(userAgent) ? userAgent : null };
});
