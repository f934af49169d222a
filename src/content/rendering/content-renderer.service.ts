import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { OwnerQueue, WorkerPool } from '../../common/workers/index.js';
import { contentErrors } from '../model/content.errors.js';
import type { ContentFormat } from '../model/content.types.js';
import type { MarkdownResult, MarkdownTask } from './markdown.worker.js';
import { fillJson, fillLine, fillText, type PlaceholderValues, TooLargeError } from './placeholders.js';

const MAX_WAITING = { ofOne: 16, ofAll: 128 };
/** Documents of the largest size take less than a second. Those made to hold the server up take longer. */
const LIMITS = { ms: 5_000, megabytes: 512, warmUp: { body: '', values: {} }, exceeded: contentErrors.too_complex };

export interface Rendered {
  title: string;
  body: string;
  /** Only for Markdown. */
  html?: string;
  /** Names without a value, each once. They are left as written. */
  missing: string[];
}

/**
 * Puts values into documents, and turns Markdown into HTML that is safe to show. Markdown is rendered beside the main thread,
 * with a limit in time and memory. Owners take turns, so that the documents of one do not delay those of others.
 */
@Injectable()
export class ContentRenderer implements OnModuleDestroy {
  private readonly pool = new WorkerPool<MarkdownTask, MarkdownResult>(
    new URL('./markdown.worker.js', import.meta.url).href,
    LIMITS,
  );
  private readonly queue = new OwnerQueue((task: MarkdownTask) => this.pool.run(task), MAX_WAITING);

  /** Throws `content.too_large`, `content.too_complex`, and `unavailable` when too many documents wait. */
  async render(
    owner: string,
    { title, body, format }: { title: string; body: string; format: ContentFormat },
    values: PlaceholderValues,
  ): Promise<Rendered> {
    try {
      const line = fillLine(title, values);
      const { body: text, html, missing } = await this.body(owner, body, format, values);
      return {
        title: line.text,
        body: text,
        ...(html !== undefined && { html }),
        missing: [...new Set([...line.missing, ...missing])],
      };
    } catch (error) {
      throw error instanceof TooLargeError ? contentErrors.too_large() : error;
    }
  }

  /** Refuses a document that no one could render, before it is stored. */
  async check(owner: string, body: string, format: ContentFormat): Promise<void> {
    if (format === 'markdown') await this.render(owner, { title: '', body, format }, {});
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.destroy();
  }

  private async body(
    owner: string,
    body: string,
    format: ContentFormat,
    values: PlaceholderValues,
  ): Promise<{ body: string; html?: string; missing: string[] }> {
    if (format !== 'markdown') {
      const { text, missing } = (format === 'json' ? fillJson : fillText)(body, values);
      return { body: text, missing };
    }
    const result = await this.queue.run(owner, { body, values });
    if ('refusal' in result) throw contentErrors[result.refusal]();
    return result;
  }
}
