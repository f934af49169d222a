import type { DocumentParty } from '../../common/documents/index.js';
import type { PartyView } from './party.dto.js';

/** Returns a party as documents print it. `fallback` is its name if it has given no legal one. */
export const partyOf = (
  label: string,
  fallback: string,
  { legalName, address, taxId, email }: Pick<PartyView, 'legalName' | 'address' | 'taxId' | 'email'>,
): DocumentParty => ({
  label,
  lines: [legalName ?? fallback, address, taxId && `Tax ID ${taxId}`, email].flatMap((line) => line ?? []),
});
