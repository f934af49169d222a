/** Runs work that a timer starts repeatedly, never twice at once in one process. Long work must check `stopped` in between. */
export class NonOverlappingTask {
  stopped = false;
  private running: Promise<unknown> | undefined;

  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Starts the work, or waits for the run in progress. Never throws. */
  async tick(): Promise<void> {
    if (this.stopped) return;
    this.running ??= this.work().finally(() => (this.running = undefined));
    await this.running.catch(this.failed);
  }

  /** Prevents further runs and waits for the run in progress. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running?.catch(() => undefined);
  }
}
