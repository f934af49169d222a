/** Text that mail programs turn into links: `https://…`, `www.acme.example`, `a@b.example`, `tel:…`. */
const LINKED = /(?<=\S)(?:[.\u3002\uff0e\uff61](?=\p{L})|@(?=\S)|:(?=[^\s\d]))/gu;

/**
 * Inserts zero-width spaces, so that mail programs find nothing to link in names and messages that people typed. The text
 * looks the same.
 */
export const unlinked = (text: string): string => text.replace(LINKED, '$&\u200b');
