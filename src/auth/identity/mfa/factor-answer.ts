import { commonErrors } from '../../../common/errors/index.js';
import type { CredentialJson } from '../passkeys/relying-party.js';

/** Throws validation_failed unless exactly one of the fields is given. */
export function assertOneAnswer<T extends object>(input: T, ...fields: (keyof T & string)[]): void {
  if (fields.filter((field) => input[field] !== undefined).length === 1) return;
  const message = `give exactly one of ${fields.join(', ')}`;
  throw commonErrors.validation_failed({ errors: [{ field: fields[0] ?? '', message }] });
}

/** What a browser gives for a new passkey, not for one that is known. */
export const isCreation = ({ response }: CredentialJson): boolean =>
  typeof response === 'object' && response !== null && 'attestationObject' in response;
