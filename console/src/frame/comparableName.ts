/** Returns a name in the form in which the server compares it: names that look the same are equal. */
export const comparableName = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
