import { Piscina } from 'piscina';
import { commonErrors } from '../errors/index.js';

const IDLE_MS = 60_000;
/** Tasks that wait at most: each takes a fraction of a second. */
const MAX_WAITING = 64;
/** A task that takes longer is given up, and its thread with it, so that others get their turn. */
const LIMIT_MS = 30_000;

/** Runs the tasks of a worker file in a thread of its own, which starts with the first task and ends when it is idle. */
export class WorkerPool<Task, Result> {
  private pool: Piscina<Task, Result> | undefined;

  /** `filename` is the URL of the built worker. */
  constructor(private readonly filename: string) {}

  /** Throws `unavailable` when too many tasks wait, or when the task takes too long. */
  async run(task: Task): Promise<Result> {
    this.pool ??= new Piscina({
      filename: this.filename,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      maxQueue: MAX_WAITING,
    });
    if (this.pool.queueSize >= MAX_WAITING) throw commonErrors.unavailable();
    const signal = AbortSignal.timeout(LIMIT_MS);
    try {
      return await this.pool.run(task, { signal });
    } catch (error) {
      if (signal.aborted) throw commonErrors.unavailable();
      throw error;
    }
  }

  async destroy(): Promise<void> {
    await this.pool?.destroy();
  }
}
