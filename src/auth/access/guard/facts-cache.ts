import { LRUCache } from 'lru-cache';

/** Maximum age of cached facts, from the start of their read. This bounds how late changes by other servers apply. */
const VALID_MS = 1_000;
const MAX_ENTRIES = 10_000;

/** Counts changes of permissions through this server. It rises before a change is acknowledged. */
interface Changes {
  readonly accessGeneration: number;
}

interface Facts {
  /** Time until the facts expire by themselves, as sessions and keys do. Null means never. */
  endsInMs: number | null;
}

interface Reading<T> {
  generation: number;
  startedAt: number;
  facts: Promise<T | null>;
}

interface Entry<T> {
  generation: number;
  validUntil: number;
  facts: T;
}

/**
 * Caches facts for routes that are called thousands of times a second. Concurrent reads of the same facts share one
 * query. Any change through this server invalidates all entries: facts are valid only in the generation in which their
 * read began. A read that began before a change may have missed it, so it is neither kept nor joined afterwards.
 * Callers already waiting for it asked before the change was acknowledged.
 */
export class FactsCache<T extends Facts> {
  private readonly entries = new LRUCache<string, Entry<T>>({ max: MAX_ENTRIES });
  private readonly running = new Map<string, Reading<T>>();

  constructor(
    private readonly changes: Changes,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** `keeps` tells whether facts are worth keeping. Missing facts are never kept. */
  get(key: string, read: () => Promise<T | null>, keeps: (facts: T) => boolean = () => true): Promise<T | null> {
    const generation = this.changes.accessGeneration;
    const now = this.now();
    const entry = this.entries.get(key);
    if (entry && entry.generation === generation && now < entry.validUntil) return Promise.resolve(entry.facts);
    const reading = this.running.get(key);
    if (reading && reading.generation === generation && now < reading.startedAt + VALID_MS) return reading.facts;
    return this.start(key, { generation, startedAt: now, facts: read() }, keeps);
  }

  private start(key: string, reading: Reading<T>, keeps: (facts: T) => boolean): Promise<T | null> {
    this.running.set(key, reading);
    const { generation, startedAt } = reading;
    reading.facts = reading.facts
      .then((facts) => {
        if (facts && keeps(facts) && this.changes.accessGeneration === generation) {
          const validUntil = startedAt + Math.min(VALID_MS, facts.endsInMs ?? VALID_MS);
          this.entries.set(key, { generation, validUntil, facts });
        }
        return facts;
      })
      .finally(() => {
        // A later read may have replaced it.
        if (this.running.get(key) === reading) this.running.delete(key);
      });
    return reading.facts;
  }
}
