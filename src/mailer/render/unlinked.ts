/** What mail programs make links of, though it is none: `https://…`, `www.acme.example`, `a@b.example`, `tel:…`. */
const LINKED = /(?<=\S)(?:[.\u3002\uff0e\uff61](?=\p{L})|@(?=\S)|:(?=[^\s\d]))/gu;

/**
 * The same text to the eye, in which a mail program finds nothing to link: names and messages that people typed must lead
 * nowhere. A mark without width stands where an address would go on.
 */
export const unlinked = (text: string): string => text.replace(LINKED, '$&\u200b');
