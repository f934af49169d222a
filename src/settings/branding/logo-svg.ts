import type { DOMPurify } from 'dompurify';
import type { DOMWindow } from 'jsdom';

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** Far more than drawing programs write for a logo, but few enough that a hostile file costs only milliseconds. */
const MAX_ELEMENTS = 2000;
/** Limit of comments, instructions and CDATA. 20,000 of them in 140 KB keep jsdom busy for 15 seconds. */
const MAX_OTHERS = 1000;
const MAX_DEPTH = 64;
const MAX_ATTRIBUTES = 100;

/**
 * Matches comments, CDATA and instructions to skip them. For a tag it captures the slash before or after the name.
 * Unclosed markup runs to the end of the text, so that the search stays linear.
 */
const MARKUP =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<(\/?)(?=[^\s!?/<>])(?:"[^"]*"|'[^']*'|[^"'<>])*?(\/?)>/g;

/** The plain document type that drawing programs write. Anything more could hide markup or entities. */
const PLAIN_DOCTYPE = /<!DOCTYPE\s+svg(?:\s+(?:PUBLIC|SYSTEM)(?:\s+(?:"[^"<>[]*"|'[^'<>[]*'))+)?\s*>/;

/** Checks the text before it is parsed, because a tree with many thousand levels takes minutes to build. */
function isWithinComplexityLimits(text: string): boolean {
  let elements = 0;
  let others = 0;
  let depth = 0;
  for (const [markup, closing, empty] of text.matchAll(MARKUP)) {
    if (closing === undefined) {
      if (++others > MAX_OTHERS) return false;
      continue;
    }
    if (closing) {
      depth--;
      continue;
    }
    elements++;
    if (!empty) depth++;
    const attributes = markup.split('=').length - 1;
    if (elements > MAX_ELEMENTS || depth > MAX_DEPTH || attributes > MAX_ATTRIBUTES) return false;
  }
  return true;
}

/** Tells whether CSS refers to something outside the file. Escapes could hide such a reference, so they are rejected too. */
const reachesOut = (css: string): boolean =>
  /\\|@import|image-set|(?:^|[^a-z-])(?:src|image)\s*\(|expression\s*\(/i.test(css) ||
  /url\s*\((?!\s*["']?\s*#)/i.test(css);

function keepInside(purify: DOMPurify): void {
  purify.addHook('uponSanitizeElement', (node, { tagName }) => {
    if (tagName === 'style' && reachesOut(node.textContent ?? '')) node.textContent = '';
  });
  purify.addHook('uponSanitizeAttribute', (_, attribute) => {
    const { attrName, attrValue } = attribute;
    const link = attrName === 'href' || attrName.endsWith(':href') || attrName === 'src';
    if (link ? !attrValue.trim().startsWith('#') : reachesOut(attrValue)) attribute.keepAttr = false;
  });
}

/** Loads the sanitizer with the first SVG, because it takes most of a second and much memory. Most servers never need it. */
async function open(): Promise<{ window: DOMWindow; purify: DOMPurify }> {
  const [{ JSDOM }, { default: createPurify }] = await Promise.all([import('jsdom'), import('dompurify')]);
  // A new window for every file, so that nothing of one file reaches the next.
  const { window } = new JSDOM('');
  const purify = createPurify(window);
  keepInside(purify);
  return { window, purify };
}

/** Returns the root of a well-formed SVG, null for any other text. */
function parse(window: DOMWindow, text: string): Element | null {
  const root = new window.DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  const svg = root?.namespaceURI === SVG_NAMESPACE && root.localName === 'svg';
  return svg && root.getElementsByTagName('parsererror').length === 0 ? root : null;
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Converts CDATA to text: drawing programs write style sheets in CDATA, and DOMPurify removes CDATA. */
function unwrapCdata(window: DOMWindow, root: Element): void {
  const sections: Node[] = [];
  const walker = window.document.createTreeWalker(root, window.NodeFilter.SHOW_CDATA_SECTION);
  while (walker.nextNode()) sections.push(walker.currentNode);
  for (const section of sections)
    section.parentNode?.replaceChild(root.ownerDocument.createTextNode(section.nodeValue ?? ''), section);
}

function sanitize(window: DOMWindow, purify: DOMPurify, text: string): string | null {
  const root = parse(window, text);
  if (!root) return null;
  unwrapCdata(window, root);
  purify.sanitize(root, {
    IN_PLACE: true,
    USE_PROFILES: { svg: true, svgFilters: true },
    FORBID_TAGS: ['script', 'foreignObject', 'use', 'image', 'a'],
    ALLOW_DATA_ATTR: false,
  });
  const safe = new window.XMLSerializer().serializeToString(root);
  return parse(window, safe) ? safe : null;
}

/**
 * Sanitizes an SVG: no scripts, handlers or foreign content, and no references to anything outside the file. Returns null
 * if the file is not an SVG or too complex for a logo.
 */
export async function sanitizeSvg(bytes: Buffer): Promise<string | null> {
  const text = decode(bytes)?.replace(PLAIN_DOCTYPE, '');
  // Only entities can expand a small text to a huge one.
  if (!text?.includes('<svg') || /<!(?:DOCTYPE|ENTITY)/i.test(text) || !isWithinComplexityLimits(text)) return null;
  const { window, purify } = await open();
  try {
    return sanitize(window, purify, text);
  } catch {
    // DOMPurify rejects trees that it cannot make safe.
    return null;
  } finally {
    window.close();
  }
}
