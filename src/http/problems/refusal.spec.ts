import { HttpException, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { AppError } from '../../common/errors/index.js';
import { toErrorResponse } from './refusal.js';

const fastify = (code: string, statusCode: number) =>
  Object.assign(new Error(code), { name: 'FastifyError', code, statusCode });
const codeOf = (error: unknown) => toErrorResponse(error).refusal?.code ?? null;

describe('toErrorResponse', () => {
  it('passes on what was meant', () => {
    const error = new AppError('conflict', 'things.taken', 'Taken.');
    expect(toErrorResponse(error)).toEqual({ refusal: error, log: null });
  });

  it.each([
    [new NotFoundException('Cannot GET /secret'), 'not_found'],
    [new HttpException('teapot', 418), 'malformed_request'],
    [new ServiceUnavailableException(), 'unavailable'],
    [new HttpException('wrapped', 400, { cause: fastify('FST_ERR_MAX_PARAM_LENGTH', 414) }), 'not_found'],
    [fastify('FST_ERR_CTP_BODY_TOO_LARGE', 413), 'payload_too_large'],
    [fastify('FST_REQ_FILE_TOO_LARGE', 413), 'payload_too_large'],
    [fastify('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), 'unsupported_media_type'],
    [fastify('FST_ERR_BAD_URL', 400), 'malformed_request'],
    [new HttpException('broken', 500), null],
    [fastify('FST_ERR_HANDLER_TIMEOUT', 500), null],
  ])('%s is %s', (error, code) => expect(codeOf(error)).toBe(code));

  it('takes a client that hung up while sending for that, not for a lost database', () => {
    expect(codeOf(Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 }))).toBe(
      'malformed_request',
    );
  });

  it('logs faults of ours, and nothing else', () => {
    expect(toErrorResponse(new Error('bug')).log).toBe('error');
    expect(toErrorResponse('thrown text').log).toBe('error');
    expect(toErrorResponse(undefined).log).toBe('error');
    expect(toErrorResponse(new NotFoundException()).log).toBeNull();
  });
});
