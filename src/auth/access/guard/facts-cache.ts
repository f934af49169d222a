import { LRUCache } from 'lru-cache';

/** What was read is used for at most so long, counted from the start of its reading: the bound for other servers' changes. */
const VALID_MS = 1_000;
const MAX_ENTRIES = 10_000;

/** Rises whenever what somebody may do may have changed through this server, before anybody is told of the change. */
interface Changes {
  readonly accessGeneration: number;
}

interface Facts {
  /** When what was found ends by itself, as a session or a key expires; null: never. */
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
 * Facts for the routes that are asked thousands of times a second. Of many who ask for the same at once one reads. A
 * change through this server ends everything at once: facts belong to the generation in which their reading began, and
 * count in that one alone. A reading that began before a change was committed may have missed it, and so is neither
 * kept nor joined after it; whoever was waiting for it asked before the change was acknowledged to anybody.
 */
export class FactsCache<T extends Facts> {
  private readonly entries = new LRUCache<string, Entry<T>>({ max: MAX_ENTRIES });
  private readonly running = new Map<string, Reading<T>>();

  constructor(
    private readonly changes: Changes,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** `keeps`: whether what was found is worth its place; nothing found is never kept. */
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
        // A later reading may have taken its place.
        if (this.running.get(key) === reading) this.running.delete(key);
      });
    return reading.facts;
  }
}
