import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, commonErrors } from '../common/errors/index.js';
import type { Tx } from '../database/index.js';
import type { RateBudgetName } from './budgets.js';
import { clientNetwork } from './client-network.js';
import { limitErrors } from './limit.errors.js';
import { LimitMetrics } from './limit.metrics.js';
import { LimitSettings } from './limit.settings.js';
import { type CountedWindow, RateLimitStore } from './rate-limit.store.js';

/** Refusals of a secret that is too long to be guessed. One that is right does not come this far. */
const WRONG_SECRET = new Set([
  'auth.invalid_client',
  'auth.invalid_one_time_token',
  'auth.invalid_refresh_token',
  'auth.invalid_token',
  'auth.passkey_invalid',
  'invitations.not_found',
  'sso.state_invalid',
]);

/** Counts what is attempted against the budgets, and refuses what is over them. */
@Injectable()
export class RateLimitService {
  constructor(
    private readonly settings: LimitSettings,
    private readonly store: RateLimitStore,
    private readonly metrics: LimitMetrics,
  ) {}

  /** Counts one attempt before it is made. */
  async consume(budget: RateBudgetName, ...subject: string[]): Promise<void> {
    const retryAfterSeconds = await this.tryConsume(budget, subject);
    if (retryAfterSeconds !== null) throw limitErrors.too_many_attempts({ retryAfterSeconds });
  }

  /**
   * Counts one attempt. Returns null, or the seconds to wait if a window is used up, and then counts nothing. With `tx` a
   * rollback takes the count back.
   */
  async tryConsume(budget: RateBudgetName, subject: readonly string[], tx?: Tx): Promise<number | null> {
    const taken: string[] = [];
    for (const window of this.windowsOf(budget, subject)) {
      const seconds = await this.take(window, tx);
      if (seconds !== null) {
        if (taken.length > 0) await this.store.giveBack(taken, tx);
        this.metrics.decided(budget, 'refused');
        return seconds;
      }
      taken.push(window.key);
    }
    this.metrics.decided(budget, 'allowed');
    return null;
  }

  /** Returns when a used up window ends, by the clock of the database. Null if all have room. */
  async windowEnd(tx: Tx, budget: RateBudgetName, subject: readonly string[]): Promise<Date | null> {
    for (const window of this.windowsOf(budget, subject)) {
      const end = await this.store.windowEnd(tx, window);
      if (end) return end;
    }
    return null;
  }

  /** Adds a window of the same length to the one that is used up, and returns the end of both. */
  async prolong(tx: Tx, budget: RateBudgetName, subject: readonly string[], end: Date): Promise<Date> {
    const [window] = this.windowsOf(budget, subject);
    const next = new Date(end.getTime() + (window?.seconds ?? 0) * 1000);
    if (window) await this.store.setWindowEnd(tx, window, next);
    return next;
  }

  /** Takes one attempt back that was counted and then not made. */
  async refund(budget: RateBudgetName, ...subject: string[]): Promise<void> {
    await this.store.giveBack(this.windowsOf(budget, subject).map(({ key }) => key));
  }

  /** Forgets the attempts and how often they were used up, because the user has proved their identity. */
  async reset(budget: RateBudgetName, ...subjects: string[][]): Promise<void> {
    const keys = subjects.flatMap((subject) => this.windowsOf(budget, subject).map(({ key }) => key));
    await this.store.remove(keys);
  }

  /**
   * Counts a wrong secret by its refusal, whatever else was thrown stays as it is. Returns what to throw: once the budget of
   * the client network is used up, that it has to wait.
   */
  async countWrongSecret(error: unknown, ip: string | null): Promise<unknown> {
    if (!(error instanceof AppError) || !WRONG_SECRET.has(error.code)) return error;
    const retryAfterSeconds = await this.tryConsume('wrong_secrets', [clientNetwork(ip)]);
    return retryAfterSeconds === null ? error : commonErrors.rate_limited({ retryAfterSeconds });
  }

  sweep(tx: Tx, limit: number): Promise<number> {
    return this.store.sweep(tx, limit);
  }

  private async take(window: CountedWindow, tx: Tx | undefined): Promise<number | null> {
    for (;;) {
      if (await this.store.take(window, tx)) return null;
      const seconds = await this.store.secondsLeft(window, tx);
      // Otherwise the window ended, or was forgotten, in between.
      if (seconds !== null) return seconds;
    }
  }

  /** Subjects are hashed, so that no addresses are stored and every key fits. */
  private windowsOf(budget: RateBudgetName, subject: readonly string[]): CountedWindow[] {
    const { windows, grows = false } = this.settings.rate(budget);
    const hash = createHash('sha256').update(subject.join('\n')).digest('base64url');
    return windows.map(({ limit, seconds }) => ({ key: `${budget}/${seconds}:${hash}`, limit, seconds, grows }));
  }
}
