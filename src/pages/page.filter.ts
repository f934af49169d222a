import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '../common/errors/index.js';
import { type Page, sendPage } from './page.js';

/** Sends a page that explains a refusal, with the status of the refusal. */
export function sendRefusalPage(
  reply: FastifyReply,
  { status, code, options }: AppError,
  texts: Pick<Page, 'title' | 'text' | 'link' | 'theme'>,
): void {
  reply.request.refusalCode = code;
  if (options.retryAfterSeconds !== undefined)
    void reply.header('retry-after', Math.max(1, Math.ceil(options.retryAfterSeconds)));
  sendPage(reply, { status, ...texts });
}

/** Returns the texts for a refusal that a page has no better ones for. */
export const refusalTexts = ({ detail }: AppError): Pick<Page, 'title' | 'text'> => ({
  title: 'That did not work',
  text: detail,
});

/** Answers refusals with a page. Internal errors are answered as everywhere else. */
@Catch(AppError)
export class PageFilter implements ExceptionFilter<AppError> {
  catch(refusal: AppError, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    sendRefusalPage(reply, refusal, refusalTexts(refusal));
  }
}
