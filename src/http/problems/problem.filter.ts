import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../common/logging/index.js';
import { EarlyResponse } from './early-response.js';
import { isScimPath, SCIM_TYPE } from '../scim.js';
import { sendProblem } from './problem.js';
import { toErrorResponse } from './refusal.js';

/** Converts everything that is thrown to a response, errors to `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (error instanceof EarlyResponse) {
      // The handler sets the type, but did not run.
      if (error.body && isScimPath(request.raw.url ?? '')) void reply.header('content-type', SCIM_TYPE);
      void reply
        .code(error.status)
        .headers(error.headers)
        .send(error.body ?? undefined);
      return;
    }
    const answer = toErrorResponse(error);
    if (answer.log) {
      this.log[answer.log](
        { err: error, requestId: request.id, method: request.method, route: request.routeOptions?.url },
        answer.refusal ? `answered with ${answer.refusal.code}` : 'unexpected error',
      );
    }
    if (reply.raw.headersSent) {
      // A part of the response was sent. Only closing the connection can tell the client that it is incomplete.
      reply.raw.destroy();
      return;
    }
    sendProblem(request, reply, answer.refusal);
  }
}
