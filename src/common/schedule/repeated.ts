/**
 * Work that a timer begins again and again: never twice at once in one process, not any more once the process stops, which waits for what
 * is running. Long work looks at `stopped` in between.
 */
export class NonOverlappingTask {
  stopped = false;
  private running: Promise<unknown> | undefined;

  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Begins, or waits for what is running; throws nothing. */
  async tick(): Promise<void> {
    if (this.stopped) return;
    this.running ??= this.work().finally(() => (this.running = undefined));
    await this.running.catch(this.failed);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running?.catch(() => undefined);
  }
}
