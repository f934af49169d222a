const MAX_LENGTH = 50;

/** Letters that decomposition does not reduce to ASCII. */
const SPELLED: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ł: 'l', ı: 'i', þ: 'th', ð: 'd' };

/** Proposes a slug for a name. Empty if the name has no Latin letters or digits. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[ßæœøđłıþð]/g, (letter) => SPELLED[letter] ?? '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, MAX_LENGTH)
    .replace(/-+$/, '');
