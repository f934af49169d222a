import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { NonOverlappingTask } from './non-overlapping-task.js';

/**
 * Base class of scheduled work. Runs never overlap in one process, failures are logged, and the application waits for a
 * run in progress before it stops. Subclasses override `tick` to decorate it with `@Interval` or `@Cron`.
 */
export abstract class ScheduledJob implements OnModuleDestroy {
  protected readonly logger = new Logger(this.constructor.name);
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

  /** Runs `work` for each item in turn. Logs a failure and continues, so one organization never stops the others. */
  protected async forEach<T extends string | { id: string }>(
    items: Iterable<T>,
    work: (item: T) => Promise<unknown>,
  ): Promise<void> {
    for (const item of items) {
      if (this.stopped) return;
      try {
        await work(item);
      } catch (error) {
        const id = typeof item === 'string' ? item : item.id;
        this.logger.error(`the job failed for ${id} and continues with the next`, error);
      }
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }
}
