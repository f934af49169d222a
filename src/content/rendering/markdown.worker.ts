import { type RenderedMarkdown, renderMarkdown } from './markdown.js';
import { type PlaceholderValues, TooLargeError } from './placeholders.js';

export interface MarkdownTask {
  body: string;
  values: PlaceholderValues;
}

/** An error loses its class on the way between threads. */
export type MarkdownResult = RenderedMarkdown | { refusal: 'too_large' | 'too_complex' };

export default function run({ body, values }: MarkdownTask): MarkdownResult {
  try {
    return renderMarkdown(body, values);
  } catch (error) {
    if (error instanceof TooLargeError) return { refusal: 'too_large' };
    // The document is nested deeper than the stack.
    if (error instanceof RangeError) return { refusal: 'too_complex' };
    throw error;
  }
}
