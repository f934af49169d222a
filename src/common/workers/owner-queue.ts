import { commonErrors } from '../errors/index.js';

interface Waiting<Task, Result> {
  task: Task;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface OwnerQueueLimits {
  /** Tasks of one owner that may wait. */
  ofOne: number;
  ofAll: number;
}

/** Runs one task after the other. Owners take turns, so that one with many tasks does not delay the others. */
export class OwnerQueue<Task, Result> {
  /** By owner, in the order of their turns. */
  private readonly queues = new Map<string, Waiting<Task, Result>[]>();
  private size = 0;
  private running = false;

  constructor(
    private readonly work: (task: Task) => Promise<Result>,
    private readonly limits: OwnerQueueLimits,
  ) {}

  /** Throws `unavailable` when too many tasks wait. */
  run(owner: string, task: Task): Promise<Result> {
    const queue = this.queues.get(owner) ?? [];
    if (queue.length >= this.limits.ofOne || this.size >= this.limits.ofAll)
      return Promise.reject(commonErrors.unavailable());
    return new Promise((resolve, reject) => {
      queue.push({ task, resolve, reject });
      this.queues.set(owner, queue);
      this.size++;
      if (!this.running) void this.runAll();
    });
  }

  private async runAll(): Promise<void> {
    this.running = true;
    for (let next = this.take(); next; next = this.take()) {
      const { task, resolve, reject } = next;
      await this.work(task).then(resolve, reject);
    }
    this.running = false;
  }

  /** Takes one task of the owner whose turn it is, and moves that owner to the end. */
  private take(): Waiting<Task, Result> | undefined {
    for (const [owner, queue] of this.queues) {
      const next = queue.shift();
      this.queues.delete(owner);
      if (queue.length > 0) this.queues.set(owner, queue);
      this.size--;
      return next;
    }
    return undefined;
  }
}
