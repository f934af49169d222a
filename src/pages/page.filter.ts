import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../common/errors/index.js';
import { sendPage } from './page.js';

/** Refusals on the routes of pages, for people. A fault of ours stays what it is everywhere else. */
@Catch(AppError)
export class PageFilter implements ExceptionFilter<AppError> {
  catch({ status, code, detail, options }: AppError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    http.getRequest<FastifyRequest>().refusalCode = code;
    const reply = http.getResponse<FastifyReply>();
    if (options.retryAfterSeconds !== undefined)
      void reply.header('retry-after', Math.max(1, Math.ceil(options.retryAfterSeconds)));
    sendPage(reply, { status, title: 'That did not work', text: detail });
  }
}
