import { commonErrors } from '../../../common/errors/index.js';
import type { CredentialJson } from '../passkeys/relying-party.js';

/** Rejects input that does not have exactly one of the fields. */
export function assertOneAnswer<T extends object>(input: T, ...fields: (keyof T & string)[]): void {
  if (fields.filter((field) => input[field] !== undefined).length === 1) return;
  const message = `send exactly one of ${fields.join(', ')}`;
  throw commonErrors.validation_failed({ errors: [{ field: fields[0] ?? '', message }] });
}

/** Tells whether the browser created a new passkey rather than answering with a known one. */
export const isCreation = ({ response }: CredentialJson): boolean =>
  typeof response === 'object' && response !== null && 'attestationObject' in response;
