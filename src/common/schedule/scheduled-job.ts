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

  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }
}
