import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { commonErrors } from '../../common/errors/index.js';
import { readMultipart } from '../../http/index.js';
import { brandingErrors } from './branding.errors.js';
import { MAX_LOGO_BYTES } from './logo-image.js';

async function firstFile(request: FastifyRequest): Promise<Buffer> {
  const part: MultipartFile | undefined = await request.file({
    limits: { fileSize: MAX_LOGO_BYTES + 1 },
    throwFileSizeLimit: false,
  });
  if (!part) {
    throw commonErrors.validation_failed({
      errors: [{ field: 'file', message: 'file must be a part with a file name' }],
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_LOGO_BYTES) throw brandingErrors.logo_too_large();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads the only file of a multipart request, whatever the name of its part. */
export const uploadedFile = (request: FastifyRequest): Promise<Buffer> =>
  readMultipart(request, 'Send the logo as one file in multipart/form-data.', firstFile);
