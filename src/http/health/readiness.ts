import { Injectable } from '@nestjs/common';
import { Log } from '../../common/logging/index.js';
import { Shutdown } from './shutdown.js';

/** Returns null if ready, otherwise the reason. The reason is public, so it must not contain internal details. */
export type Check = () => Promise<string | null>;

export interface ReadinessView {
  status: 'ready' | 'not_ready';
  /** `ok` or the reason why it fails, by name of the check. */
  checks: Record<string, string>;
}

const TIME_LIMIT_MS = 1000;
const NO_ANSWER = `does not answer within ${TIME_LIMIT_MS / 1000} s`;

/** Runs the checks that must pass before this server takes requests. Modules add theirs when they start. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, Check>();
  private readonly running = new Map<string, Promise<string | null>>();

  constructor(
    private readonly shutdown: Shutdown,
    private readonly log: Log,
  ) {}

  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  async report(): Promise<ReadinessView> {
    const names = [...this.checks.keys()].sort();
    const results = await Promise.all(names.map((name) => this.resultOf(name)));
    const checks: Record<string, string> = Object.fromEntries(names.map((name, i) => [name, results[i] ?? 'ok']));
    checks.shutdown = this.shutdown.begun ? 'shutting down' : 'ok';
    const ready = Object.values(checks).every((result) => result === 'ok');
    return { status: ready ? 'ready' : 'not_ready', checks };
  }

  private async resultOf(name: string): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, TIME_LIMIT_MS, NO_ANSWER);
    });
    try {
      return await Promise.race([this.run(name), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Shares a running check, because the route is public and a hanging database must not lose all its connections to it. */
  private run(name: string): Promise<string | null> {
    const running = this.running.get(name);
    if (running) return running;
    const started = this.attempt(name).finally(() => this.running.delete(name));
    this.running.set(name, started);
    return started;
  }

  private async attempt(name: string): Promise<string | null> {
    try {
      return (await this.checks.get(name)?.()) ?? null;
    } catch (error) {
      this.log.warn({ err: error, check: name }, 'not ready');
      return 'fails';
    }
  }
}
