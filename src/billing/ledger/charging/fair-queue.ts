/** How much goes into one transaction. */
export interface QueueLimits {
  /** Of one organization. */
  perOrganization: number;
  /** Of several together. */
  maxBatchSize: number;
}

export interface QueueBatch<T> {
  organizationId: string;
  items: T[];
}

/**
 * Queues of organizations that take turns: who has waited longest goes first, whatever others have queued up. An
 * organization that is being served waits with what comes meanwhile, so that its commands stay in order.
 */
export class FairQueue<T> {
  private readonly queues = new Map<string, T[]>();
  /** Who waits, in the order of turns. */
  private readonly waiting = new Set<string>();
  private readonly served = new Set<string>();
  size = 0;

  constructor(private readonly limits: QueueLimits) {}

  lengthOf(organizationId: string): number {
    return this.queues.get(organizationId)?.length ?? 0;
  }

  add(organizationId: string, items: readonly T[]): void {
    const queue = this.queues.get(organizationId);
    if (queue) queue.push(...items);
    else this.queues.set(organizationId, [...items]);
    this.size += items.length;
    if (!this.served.has(organizationId)) this.waiting.add(organizationId);
  }

  get hasWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /**
   * The next to be served together, none when nobody waits: a long queue alone, so that short ones do not wait for all of
   * it, and short ones as many as fit; each alone unless `gather`. Say `done` for each afterwards.
   */
  take(gather = true): QueueBatch<T>[] {
    const { perOrganization, maxBatchSize: together } = this.limits;
    const turns: QueueBatch<T>[] = [];
    let total = 0;
    for (const organizationId of this.waiting) {
      const queue = this.queues.get(organizationId) ?? [];
      const alone = !gather || queue.length > together / 4;
      if (turns.length > 0 && (alone || total + queue.length > together)) continue;
      const items = queue.splice(0, perOrganization);
      if (queue.length === 0) this.queues.delete(organizationId);
      this.waiting.delete(organizationId);
      this.served.add(organizationId);
      turns.push({ organizationId, items });
      total += items.length;
      if (alone || total >= together) break;
    }
    this.size -= total;
    return turns;
  }

  done(organizationId: string): void {
    this.served.delete(organizationId);
    if (this.lengthOf(organizationId) > 0) this.waiting.add(organizationId);
  }
}
