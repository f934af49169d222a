import type { FastifyRequest } from 'fastify';
import { AppError, commonErrors } from '../../common/errors/index.js';

/** Lets `read` process a multipart/form-data body. `expected` is the text of the error for other content types. */
export async function readMultipart<T>(
  request: FastifyRequest,
  expected: string,
  read: (request: FastifyRequest) => Promise<T>,
): Promise<T> {
  if (!request.isMultipart()) throw commonErrors.unsupported_media_type({ detail: expected });
  try {
    return await read(request);
  } catch (error) {
    if (error instanceof AppError) throw error;
    // Only reading the body can fail here, so the body is invalid.
    throw commonErrors.malformed_request();
  } finally {
    // Discards the rest of the body. Otherwise the next request on the connection would wait for it.
    request.raw.unpipe();
    request.raw.resume();
  }
}
