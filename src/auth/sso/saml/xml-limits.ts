/*
 * What strangers send is counted before anything parses it: parsers, XPath and canonicalization take time that grows with
 * the square of the number of elements.
 */

export interface XmlLimits {
  /** Without SAML attributes and their values. */
  elements: number;
  /** `AttributeValue`, one for each group, and as many `Attribute`: some providers repeat the attribute for each group. */
  values: number;
  depth: number;
  attributesPerElement: number;
  attributes: number;
  attributeLength: number;
  /** Characters that canonicalization escapes, each with a search of its own. */
  escapes: number;
  /** How many elements of a local name there may be, and `ids` for attributes that a signature may refer to. */
  named: Readonly<Record<string, number>>;
}

/** What a response with two signatures has. Each one costs a search or a canonicalization. */
const TWO_SIGNATURES = {
  Signature: 2,
  SignedInfo: 2,
  CanonicalizationMethod: 2,
  SignatureMethod: 2,
  Reference: 2,
  Transforms: 2,
  Transform: 4,
  InclusiveNamespaces: 6,
  // Encryption names one too.
  DigestMethod: 4,
  ids: 8,
};

/** A value has up to three attributes, because some providers declare its type and namespaces, and the attribute around it as many. */
export const RESPONSE_LIMITS: XmlLimits = {
  elements: 500,
  values: 1_000,
  depth: 24,
  attributesPerElement: 16,
  attributes: 6_200,
  attributeLength: 4_096,
  escapes: 2_000,
  named: TWO_SIGNATURES,
};

/** Metadata of AD FS list hundreds of claim types. */
export const METADATA_LIMITS: XmlLimits = {
  elements: 3_000,
  values: 3_000,
  depth: 24,
  attributesPerElement: 16,
  attributes: 6_000,
  attributeLength: 4_096,
  escapes: 10_000,
  named: {},
};

const OF_ATTRIBUTES = ['Attribute', 'AttributeValue'];
const DECLARATION = /^\s*<\?xml[^?<>]{0,200}\?>/;
const NAME = /[A-Za-z_][\w.-]{0,99}(?::[A-Za-z_][\w.-]{0,99})?/y;
const SPACE = /[ \t\r\n]*/y;
/** Attributes whose values libraries put into an XPath, and what would end the text there. No id has it. */
const NAMES_ELEMENT = /(?:^|:)(?:id|uri)$/i;
const ENDS_TEXT = /['"&]/;

function match(pattern: RegExp, xml: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(xml)?.[0] ?? '';
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * Tells whether a text is XML of elements, attributes and text alone, within the limits, in one pass. Document types,
 * entities of its own, comments, CDATA and processing instructions are refused: no SAML message needs them.
 */
export function isWithinLimits(xml: string, limits: XmlLimits): boolean {
  if (countEscapes(xml) > limits.escapes + 2 * (limits.elements + OF_ATTRIBUTES.length * limits.values)) return false;
  const counts: Record<string, number> = Object.create(null) as Record<string, number>;
  let at = DECLARATION.exec(xml)?.[0].length ?? 0;
  let [elements, attributes, ids] = [0, 0, 0];
  const open: string[] = [];
  for (at = xml.indexOf('<', at); at !== -1; at = xml.indexOf('<', at)) {
    const closes = xml.charAt(at + 1) === '/';
    const name = match(NAME, xml, at + (closes ? 2 : 1));
    if (!name) return false;
    at += name.length + (closes ? 2 : 1);
    if (closes) {
      at += match(SPACE, xml, at).length;
      if (xml.charAt(at) !== '>' || open.pop() !== name) return false;
      continue;
    }
    const local = localName(name);
    counts[local] = (counts[local] ?? 0) + 1;
    const isOfAttributes = OF_ATTRIBUTES.includes(local);
    if (!isOfAttributes) elements++;
    if (elements > limits.elements) return false;
    if (counts[local] > (isOfAttributes ? limits.values : (limits.named[local] ?? Infinity))) return false;
    const tag = scanAttributes(xml, at, limits);
    if (!tag) return false;
    attributes += tag.count;
    ids += tag.ids;
    if (attributes > limits.attributes || ids > (limits.named.ids ?? Infinity)) return false;
    at = tag.end;
    if (!tag.empty) open.push(name);
    if (open.length > limits.depth) return false;
  }
  return elements > 0 && open.length === 0;
}

/** Counts `&` and `>`, of which each tag has one. */
function countEscapes(xml: string): number {
  let count = 0;
  for (let at = 0; at < xml.length; at++) {
    const code = xml.charCodeAt(at);
    if (code === 38 || code === 62) count++;
  }
  return count;
}

/** Reads the attributes of a start tag from `start` on. Returns null for what is not within the limits. */
function scanAttributes(
  xml: string,
  start: number,
  { attributesPerElement, attributeLength }: XmlLimits,
): { count: number; ids: number; empty: boolean; end: number } | null {
  let at = start;
  let ids = 0;
  for (let count = 0; count <= attributesPerElement; count++) {
    const space = match(SPACE, xml, at).length;
    at += space;
    const empty = xml.charAt(at) === '/';
    if (empty || xml.charAt(at) === '>') {
      const end = at + (empty ? 1 : 0);
      return xml.charAt(end) === '>' ? { count, ids, empty, end } : null;
    }
    const name = match(NAME, xml, at);
    if (!name || space === 0) return null;
    if (localName(name).toLowerCase() === 'id') ids++;
    at += name.length;
    at += match(SPACE, xml, at).length;
    if (xml.charAt(at) !== '=') return null;
    at += 1;
    at += match(SPACE, xml, at).length;
    const quote = xml.charAt(at);
    if (quote !== '"' && quote !== "'") return null;
    const value = xml.slice(at + 1, at + 2 + attributeLength);
    const length = value.indexOf(quote);
    if (length === -1 || value.lastIndexOf('<', length) !== -1) return null;
    if (NAMES_ELEMENT.test(name) && ENDS_TEXT.test(value.slice(0, length))) return null;
    at += length + 2;
  }
  return null;
}
