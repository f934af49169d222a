import { assertMatches } from '../../http/index.js';

/** What the entity tag of a document says about its data. */
export type ContentTag = string;

/**
 * Returns the entity tag of a document. The state is part of it, because it changes without the document when a publication
 * is finished.
 */
export const etagOfContent = (tag: ContentTag, state: string): string => `"${tag}.${state}"`;

/** Requires that the data is what the caller has read. A publication that was finished meanwhile does not count. */
export const assertMatchesTag = (ifMatch: string | undefined, tag: ContentTag): void =>
  assertMatches(ifMatch?.replace(/\.[a-z]+(?=")/g, ''), `"${tag}"`);
