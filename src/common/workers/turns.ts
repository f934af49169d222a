import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs slices of long work on the main thread, one in a turn of the event loop and with a pause as long as the slice after
 * it. However many callers there are, together they hold the thread for one slice at a time and for half of its time.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  /** In milliseconds. */
  private pause = 0;

  run<T>(slice: () => T): Promise<T> {
    const result = this.last.then(async () => {
      await breathe();
      const started = performance.now();
      try {
        return slice();
      } finally {
        this.pause = performance.now() - started;
      }
    });
    this.last = result.then(
      () => sleep(this.pause),
      () => undefined,
    );
    return result;
  }
}
