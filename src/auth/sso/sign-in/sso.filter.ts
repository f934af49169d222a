import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../common/errors/index.js';
import { sendProblem } from '../../../http/index.js';
import { sendPage } from '../../../pages/index.js';

/** Browsers say that they want a page; programs do not. */
export const wantsPage = ({ headers }: FastifyRequest): boolean => /\btext\/html\b/i.test(headers.accept ?? '');

/** The page of a refusal: what went wrong, and the code to tell whoever is asked for help. */
export function sendRefusalPage(request: FastifyRequest, reply: FastifyReply, refusal: AppError): void {
  const { status, code, detail, options } = refusal;
  request.refusalCode = code;
  if (options.retryAfterSeconds !== undefined)
    void reply.header('retry-after', Math.max(1, Math.ceil(options.retryAfterSeconds)));
  sendPage(reply, { status, title: 'You could not be signed in', text: `${detail} (${code}, ${request.id})` });
}

/** On routes that browsers and programs use alike: a page for those who want one, a problem document for the others. */
@Catch(AppError)
export class SsoFilter implements ExceptionFilter<AppError> {
  catch(refusal: AppError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (wantsPage(request)) sendRefusalPage(request, reply, refusal);
    else sendProblem(request, reply, refusal);
  }
}
