import type { Element, Nodes as HtmlNodes, Root as HtmlRoot } from 'hast';
import type { Nodes, Parent, PhrasingContent, Root, RootContent } from 'mdast';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';
import { fillMarkdown } from './markdown-text.js';
import {
  fillText,
  onlyPlaceholder,
  type PlaceholderValue,
  type PlaceholderValues,
  splitAtPlaceholders,
  TooLargeError,
  valueOf,
} from './placeholders.js';

export interface RenderedMarkdown {
  /** The Markdown with its values. */
  body: string;
  /** HTML that is safe to show. */
  html: string;
  missing: string[];
}

/** In characters. */
const MAX_HTML = 4 * 1024 * 1024;

const LINKS = /^(?:https:\/\/[^/]|mailto:|#)/i;
const IMAGES = /^https:\/\/[^/]/i;

const parser = unified().use(remarkParse).use(remarkGfm).freeze();

/** The only ids are those of footnotes, which have their prefix already. */
const SCHEMA = { ...defaultSchema, clobber: [], clobberPrefix: '' };

const toHtml = unified()
  .use(remarkRehype)
  .use(rehypeSanitize, SCHEMA)
  .use(() => (tree: HtmlRoot) => guardLinks(tree))
  .use(rehypeStringify)
  .freeze();

/** Keeps links by https and mailto, and images by https. Other links become text, and other images their description. */
function guardLinks(node: HtmlNodes): void {
  if (!('children' in node)) return;
  const parent = node as { children: HtmlNodes[] };
  parent.children = parent.children.map((child) => (isForbiddenImage(child) ? textOf(child) : child));
  for (const child of parent.children) {
    if (child.type === 'element' && child.tagName === 'a') guardLink(child);
    guardLinks(child);
  }
}

function textProperty({ properties }: Element, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}

const isForbiddenImage = (node: HtmlNodes): node is Element =>
  node.type === 'element' && node.tagName === 'img' && !IMAGES.test(textProperty(node, 'src'));

const textOf = (image: Element): HtmlNodes => ({ type: 'text', value: textProperty(image, 'alt') });

function guardLink(link: Element): void {
  const href = textProperty(link, 'href');
  if (!LINKS.test(href)) delete link.properties.href;
  else if (!href.startsWith('#')) link.properties.rel = ['noopener', 'noreferrer'];
}

/**
 * Renders Markdown with values. Values are put into the parsed document, so that whatever they contain stays text, also what
 * looks like a link. Throws `TooLargeError`, and `RangeError` if the document is nested too deep.
 */
export function renderMarkdown(body: string, values: PlaceholderValues): RenderedMarkdown {
  const tree = parser.parse(body);
  const filled = fillMarkdown(body, tree, values);
  new TreeFiller(values).fillParent(tree);
  const html = toHtml.stringify(toHtml.runSync(tree));
  if (html.length > MAX_HTML) throw new TooLargeError();
  return { body: filled.text, html, missing: filled.missing };
}

/** Puts values into a parsed document. */
class TreeFiller {
  private readonly parsed = new Map<string, Root>();

  constructor(private readonly values: PlaceholderValues) {}

  fillParent(parent: Parent): void {
    parent.children = parent.children.flatMap((child) => this.filled(child));
  }

  private filled(node: RootContent): RootContent[] {
    if (node.type === 'text') return this.texts(node.value);
    if (node.type === 'code' || node.type === 'inlineCode') node.value = this.plain(node.value);
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') this.fillTarget(node);
    const blocks = node.type === 'paragraph' ? this.blocks(node.children) : null;
    if (blocks) return blocks;
    if ('children' in node) this.fillParent(node);
    return [node];
  }

  /** Returns the blocks of a Markdown value that is a paragraph of its own. */
  private blocks([only, ...others]: PhrasingContent[]): RootContent[] | null {
    const name = only?.type === 'text' && others.length === 0 ? onlyPlaceholder(only.value) : undefined;
    const value = name === undefined ? undefined : valueOf(this.values, name);
    return value?.markdown ? this.parse(value).children : null;
  }

  private texts(text: string): PhrasingContent[] {
    return splitAtPlaceholders(text).flatMap((part, index): PhrasingContent[] => {
      if (index % 2 === 0) return part === '' ? [] : [{ type: 'text', value: part }];
      const value = valueOf(this.values, part);
      if (!value) return [{ type: 'text', value: `{{${part}}}` }];
      return this.inlineMarkdown(value) ?? lines(value.text);
    });
  }

  /** Returns a Markdown value of one paragraph. Others cannot stand in a line, so that they are shown as text. */
  private inlineMarkdown(value: PlaceholderValue): PhrasingContent[] | null {
    if (!value.markdown) return null;
    const [first, ...others] = this.parse(value).children;
    return first?.type === 'paragraph' && others.length === 0 ? first.children : null;
  }

  private parse({ text }: PlaceholderValue): Root {
    const known = this.parsed.get(text) ?? parser.parse(text);
    this.parsed.set(text, known);
    return structuredClone(known);
  }

  private fillTarget(node: Extract<Nodes, { url: string }>): void {
    const name = onlyPlaceholder(node.url);
    const whole = name === undefined ? undefined : valueOf(this.values, name);
    node.url = whole ? whole.text.trim() : this.encoded(node.url);
    if (node.title) node.title = this.plain(node.title);
    if (node.type === 'image' && node.alt) node.alt = this.plain(node.alt);
  }

  private encoded(url: string): string {
    return splitAtPlaceholders(url)
      .map((part, index) => {
        if (index % 2 === 0) return part;
        const value = valueOf(this.values, part);
        return value ? encodeURIComponent(value.text) : `{{${part}}}`;
      })
      .join('');
  }

  private plain(text: string): string {
    return fillText(text, this.values).text;
  }
}

/** Returns a text with line breaks where it has them. */
const lines = (text: string): PhrasingContent[] =>
  text
    .split(/\r\n|\r|\n/)
    .flatMap((line, index): PhrasingContent[] => [
      ...(index > 0 ? [{ type: 'break' } as const] : []),
      { type: 'text', value: line },
    ]);
