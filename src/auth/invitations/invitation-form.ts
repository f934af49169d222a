import { commonErrors } from '../../common/errors/index.js';

/** What the form of the page can send. */
export interface InvitationForm {
  answer?: string;
  name?: string;
  password?: string;
}

const FIELDS = ['answer', 'name', 'password'] as const;

/** Of what a browser sends; a field left empty is the same as one not sent. Throws malformed_request. */
export function invitationForm(body: unknown): InvitationForm {
  const sent = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const form: InvitationForm = {};
  for (const field of FIELDS) {
    const value = sent[field];
    if (value === undefined || value === '') continue;
    if (typeof value !== 'string') throw commonErrors.malformed_request();
    form[field] = value;
  }
  return form;
}
