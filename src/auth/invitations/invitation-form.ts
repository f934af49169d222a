import type { FastifyRequest } from 'fastify';
import { commonErrors } from '../../common/errors/index.js';
import { readMultipart } from '../../common/http/index.js';

/** What the form of the page can send. */
export interface InvitationForm {
  answer?: string;
  name?: string;
  password?: string;
}

const FIELDS = new Set(['answer', 'name', 'password']);
const LIMITS = { fieldNameSize: 20, fieldSize: 1024, fields: 3, files: 0, parts: 4 };

async function fieldsOf(request: FastifyRequest): Promise<InvitationForm> {
  const form: Record<string, string> = {};
  for await (const part of request.parts({ limits: LIMITS })) {
    if (part.type !== 'field' || part.valueTruncated || typeof part.value !== 'string')
      throw commonErrors.malformed_request();
    // Left empty in the browser is the same as not sent.
    if (FIELDS.has(part.fieldname) && part.value !== '') form[part.fieldname] = part.value;
  }
  return form;
}

/** The fields of a multipart form. Throws unsupported_media_type, malformed_request. */
export const invitationForm = (request: FastifyRequest): Promise<InvitationForm> =>
  readMultipart(request, 'Send the form as multipart/form-data.', fieldsOf);
