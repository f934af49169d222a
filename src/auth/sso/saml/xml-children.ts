import { DOMParser } from '@xmldom/xmldom';

/** Parses XML that was checked before. Faults are left to those who verify it. */
export const parsed = (xml: string): Document =>
  new DOMParser({ errorHandler: () => undefined }).parseFromString(xml, 'text/xml');

export const childrenOf = (element: Element | null | undefined, name: string): Element[] =>
  Array.from(element?.childNodes ?? []).filter((node): node is Element => (node as Element).localName === name);
