/** One address of a pasted text. */
export interface Entry {
  /** The address in lower case, or what was written if it is none. */
  text: string;
  state: 'valid' | 'duplicate' | 'invalid';
}

const MAX_LENGTH = 254;
const ADDRESS = /^[^\s@<>()[\]",;:\\]+@[^\s@<>()[\]",;:\\]+\.[^\s@<>()[\]",;:\\.]+$/;
/** A name with an address in angle brackets, or anything up to the next separator. */
const PIECE = /(?:"[^"\n]*"|[^,;\n\t"<])*<[^>\n]*>|"[^"\n]*"|[^,;\n\t]+/g;

const addressIn = (piece: string): string[] => {
  const inBrackets = /<([^>]*)>/.exec(piece)?.[1];
  if (inBrackets !== undefined) return [inBrackets.trim()];
  const words = piece.trim().split(/\s+/);
  // Addresses that only spaces separate. Anything else with spaces is shown as a whole.
  return words.every((word) => word.includes('@')) ? words : [piece.trim()];
};

/**
 * Finds the addresses in a pasted text: separated by commas, semicolons, tabs, spaces or lines, bare, as `mailto:`, or as
 * `Name <address>`. Each appears once as valid.
 */
export function parseAddresses(text: string): Entry[] {
  const seen = new Set<string>();
  return [...text.matchAll(PIECE)]
    .flatMap(([piece]) => addressIn(piece))
    .filter((one) => one !== '')
    .map((one) => {
      const address = one.replace(/^mailto:/i, '').toLowerCase();
      if (!ADDRESS.test(address) || address.length > MAX_LENGTH) return { text: one, state: 'invalid' };
      if (seen.has(address)) return { text: address, state: 'duplicate' };
      seen.add(address);
      return { text: address, state: 'valid' };
    });
}
