import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../common/errors/index.js';
import { sendProblem } from '../../../http/index.js';
import { sendRefusalPage } from '../../../pages/index.js';
import { refusalPageOf, wantsPage } from './sso-page.interceptor.js';

/** Answers refusals on routes for browsers and programs: with a page if the request asks for one, else a problem document. */
@Catch(AppError)
export class SsoFilter implements ExceptionFilter<AppError> {
  catch(refusal: AppError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (!wantsPage(request)) return sendProblem(request, reply, refusal);
    // Includes the code and the request id, so that support can find out what happened.
    const text = `${refusal.detail} (${refusal.code}, ${request.id})`;
    sendRefusalPage(reply, refusal, { title: 'You could not be signed in', text, ...refusalPageOf(request) });
  }
}
