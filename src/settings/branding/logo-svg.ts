import type { DOMPurify } from 'dompurify';
import type { DOMWindow } from 'jsdom';

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** Far above what drawing programs write for a logo, and low enough that a hostile file costs milliseconds. */
const MAX_ELEMENTS = 2000;
/** Comments, instructions and CDATA: 20 000 of them, in 140 KB, keep jsdom busy for a quarter of a minute. */
const MAX_OTHERS = 1000;
const MAX_DEPTH = 64;
const MAX_ATTRIBUTES = 100;

/**
 * Comments, CDATA and instructions are matched to be skipped; of a tag the slash before or after its name is kept. What
 * is never closed runs to the end of the text, so that the search stays linear.
 */
const MARKUP =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<(\/?)(?=[^\s!?/<>])(?:"[^"]*"|'[^']*'|[^"'<>])*?(\/?)>/g;

/** The plain document type that drawing programs write. Anything more could hide markup or entities. */
const PLAIN_DOCTYPE = /<!DOCTYPE\s+svg(?:\s+(?:PUBLIC|SYSTEM)(?:\s+(?:"[^"<>[]*"|'[^'<>[]*'))+)?\s*>/;

/** A look at the text before anything is built of it, since a tree of many thousand levels takes minutes to build. */
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

/** References of CSS that do not stay within the file. Escapes could spell any of them, so they are refused as well. */
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

/** Loaded with the first SVG, since it takes most of a second and much memory: most servers never see one. */
async function open(): Promise<{ window: DOMWindow; purify: DOMPurify }> {
  const [{ JSDOM }, { default: createPurify }] = await Promise.all([import('jsdom'), import('dompurify')]);
  // One for every file, so that nothing of a file outlives it.
  const { window } = new JSDOM('');
  const purify = createPurify(window);
  keepInside(purify);
  return { window, purify };
}

/** The root of a well-formed SVG, null for anything else. */
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

/** CDATA as the text it stands for: drawing programs write style sheets in it, and DOMPurify removes it. */
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
 * An SVG that draws and does nothing else: no scripts, no handlers, no foreign content, no reference out of the file.
 * Null when it is not an SVG, or one too intricate to be a logo.
 */
export async function sanitizeSvg(bytes: Buffer): Promise<string | null> {
  const text = decode(bytes)?.replace(PLAIN_DOCTYPE, '');
  // Entities are the one way for a small text to unfold into a huge one.
  if (!text?.includes('<svg') || /<!(?:DOCTYPE|ENTITY)/i.test(text) || !isWithinComplexityLimits(text)) return null;
  const { window, purify } = await open();
  try {
    return sanitize(window, purify, text);
  } catch {
    // DOMPurify gives up on trees that it cannot be sure of.
    return null;
  } finally {
    window.close();
  }
}
