const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** Tells whether a text contains what the user seeks, in any case and however its letters are composed. */
export const contains = (text: string, sought: string): boolean => folded(text).includes(folded(sought.trim()));
