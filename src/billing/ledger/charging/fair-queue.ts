export interface QueueLimits {
  /** Most items of one organization per batch. */
  perOrganization: number;
  /** Most items of all organizations together. */
  maxBatchSize: number;
}

export interface QueueBatch<T> {
  organizationId: string;
  items: T[];
}

/**
 * Keeps one queue per organization and serves them in turn, longest waiting first, regardless of how much the others
 * have queued. An organization that is being served is not served again until `done`, so its commands stay in order.
 */
export class FairQueue<T> {
  private readonly queues = new Map<string, T[]>();
  /** Organizations to serve, in order. */
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
   * Returns the next queues to serve: one long queue alone, or as many short ones as fit. Returns one queue only if
   * `gather` is false. Call `done` for each afterwards.
   */
  take(gather = true): QueueBatch<T>[] {
    const { perOrganization, maxBatchSize } = this.limits;
    const batches: QueueBatch<T>[] = [];
    let total = 0;
    for (const organizationId of this.waiting) {
      const queue = this.queues.get(organizationId) ?? [];
      const alone = !gather || queue.length > maxBatchSize / 4;
      if (batches.length > 0 && (alone || total + queue.length > maxBatchSize)) continue;
      const items = queue.splice(0, perOrganization);
      if (queue.length === 0) this.queues.delete(organizationId);
      this.waiting.delete(organizationId);
      this.served.add(organizationId);
      batches.push({ organizationId, items });
      total += items.length;
      if (alone || total >= maxBatchSize) break;
    }
    this.size -= total;
    return batches;
  }

  done(organizationId: string): void {
    this.served.delete(organizationId);
    if (this.lengthOf(organizationId) > 0) this.waiting.add(organizationId);
  }
}
