import type { FastifyRequest } from 'fastify';
import { AppError, commonErrors } from '../../common/errors/index.js';

/**
 * Lets `read` take what it wants of a multipart/form-data body; `expected` tells who sends another type what to send.
 * Throws unsupported_media_type, malformed_request, and what `read` refuses.
 */
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
    // Only the reading of the body can fail here, so the body is at fault.
    throw commonErrors.malformed_request();
  } finally {
    // What is left is read and dropped: Node does not, and the next request on the connection would wait behind it.
    request.raw.unpipe();
    request.raw.resume();
  }
}
