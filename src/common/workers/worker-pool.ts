import { Piscina } from 'piscina';
import { commonErrors } from '../errors/index.js';

const IDLE_MS = 60_000;
/** Tasks that wait at most: each takes a fraction of a second. */
const MAX_WAITING = 64;
/** A task that takes longer is given up, and its thread with it, so that others get their turn. */
const LIMIT_MS = 30_000;

export interface WorkerLimits<Task> {
  /** How long a task may take, with its wait. */
  ms?: number;
  /** A task that does nothing. It runs before, so that the time in which a new thread loads its modules does not count. */
  warmUp?: Task;
  /** How much memory the thread may use. */
  megabytes?: number;
  /** The error for a task that exceeds them. */
  exceeded?: () => Error;
}

/** Runs the tasks of a worker file in a thread of its own, which starts with the first task and ends when it is idle. */
export class WorkerPool<Task, Result> {
  private pool: Piscina<Task, Result> | undefined;

  /** `filename` is the URL of the built worker. */
  constructor(
    private readonly filename: string,
    private readonly limits: WorkerLimits<Task> = {},
  ) {}

  /** Throws `unavailable` when too many tasks wait, and by default when the task takes too long. */
  async run(task: Task): Promise<Result> {
    const { ms = LIMIT_MS, megabytes, warmUp, exceeded = commonErrors.unavailable } = this.limits;
    this.pool ??= new Piscina({
      filename: this.filename,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      maxQueue: MAX_WAITING,
      ...(megabytes !== undefined && { resourceLimits: { maxOldGenerationSizeMb: megabytes } }),
    });
    if (this.pool.queueSize >= MAX_WAITING) throw commonErrors.unavailable();
    if (warmUp !== undefined) await this.pool.run(warmUp);
    const signal = AbortSignal.timeout(ms);
    try {
      return await this.pool.run(task, { signal });
    } catch (error) {
      if (signal.aborted || (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') throw exceeded();
      throw error;
    }
  }

  async destroy(): Promise<void> {
    await this.pool?.destroy();
  }
}
