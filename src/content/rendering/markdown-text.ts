import type { Nodes, Root } from 'mdast';
import { fill, type Filled, linesOf, type PlaceholderValues } from './placeholders.js';

/** Where a value stands: `code` shows escapes as they are, a `line` cannot contain a line break. */
type Context = 'text' | 'line' | 'code';

interface Range {
  context: Context;
  start: number;
  end: number;
}

const CONTEXTS: Partial<Record<Nodes['type'], Context>> = {
  code: 'code',
  inlineCode: 'code',
  html: 'line',
  heading: 'line',
  tableCell: 'line',
  link: 'line',
  image: 'line',
  definition: 'line',
};

function rangesOf(node: Nodes, ranges: Range[] = []): Range[] {
  const context = CONTEXTS[node.type];
  const { start, end } = node.position ?? {};
  if (context && start?.offset !== undefined && end?.offset !== undefined)
    ranges.push({ context, start: start.offset, end: end.offset });
  if ('children' in node) for (const child of node.children) rangesOf(child, ranges);
  return ranges;
}

/** Returns the context at offsets that are asked for in ascending order. The ranges are nested and in the order of their starts. */
function contextReader(ranges: readonly Range[]): (offset: number) => Context {
  const open: Range[] = [];
  let next = 0;
  return (offset) => {
    for (let range = ranges[next]; range && range.start <= offset; range = ranges[++next]) {
      while ((open.at(-1)?.end ?? Infinity) <= range.start) open.pop();
      open.push(range);
    }
    while ((open.at(-1)?.end ?? Infinity) <= offset) open.pop();
    return open.at(-1)?.context ?? 'text';
  };
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes what Markdown or HTML would read as more than text. */
const escaped = (line: string): string =>
  line.replace(/[&<>"']|[\\`*_{}[\]()#+\-.!|~=:@^$]/g, (character) => ENTITIES[character] ?? `\\${character}`);

function written(text: string, context: Context): string {
  const lines = linesOf(text.trim());
  if (context === 'code') return lines.join(' ').replace(/`/g, "'").replace(/~{3,}/g, '--');
  return lines.map(escaped).join(context === 'line' ? ' ' : '\\\n');
}

/**
 * Fills the placeholders of a Markdown text. Values become text wherever they stand, except those that are Markdown, which
 * are taken over as they are.
 */
export function fillMarkdown(body: string, tree: Root, values: PlaceholderValues): Filled {
  const contextAt = contextReader(rangesOf(tree));
  return fill(body, values, ({ text, markdown = false }, offset) => {
    const context = contextAt(offset);
    return markdown && context === 'text' ? text : written(text, context);
  });
}
