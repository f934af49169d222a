import { Inject, Logger, type OnModuleDestroy, Optional } from '@nestjs/common';
import { JobFailures, type JobItem } from './job-failures.js';
import { NonOverlappingTask } from './non-overlapping-task.js';

/**
 * Base class of scheduled work. Runs never overlap in one process, failures are logged, and the application waits for a
 * run in progress before it stops. Subclasses override `tick` to decorate it with `@Interval` or `@Cron`.
 */
export abstract class ScheduledJob implements OnModuleDestroy {
  protected readonly logger = new Logger(this.constructor.name);
  @Optional()
  @Inject(JobFailures)
  protected readonly failures?: JobFailures;

  private readonly task = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('the job failed; it runs again at its next time', error),
  );

  abstract run(): Promise<unknown>;

  /** True once the application stops. Long runs must check it in between. */
  protected get stopped(): boolean {
    return this.task.stopped;
  }

  tick(): Promise<void> {
    return this.task.tick();
  }

  /** Runs `work` for each item in turn. A failure never stops the others. */
  protected async forEach<T extends JobItem>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
    for (const item of items) {
      if (this.stopped) return;
      await this.attempt(item, work);
    }
  }

  /** Runs `work` for one item. If it fails, the item waits longer each time (`isNotDelayed` in its query). */
  protected async attempt<T extends JobItem>(item: T, work: (item: T) => Promise<unknown>): Promise<void> {
    const job = this.constructor.name;
    try {
      await work(item);
    } catch (error) {
      const id = typeof item === 'string' ? item : item.id;
      this.logger.error(`the job failed for ${id} and continues with the next`, error);
      await this.failures?.failed(job, item, error);
      return;
    }
    await this.failures?.succeeded(job, item);
  }

  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }
}
