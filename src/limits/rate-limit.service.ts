import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/index.js';
import type { RateBudgetName } from './budgets.js';
import { limitErrors } from './limit.errors.js';
import { LimitMetrics } from './limit.metrics.js';
import { LimitSettings } from './limit.settings.js';
import { type CountedWindow, RateLimitStore } from './rate-limit.store.js';

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

  /** Returns the seconds to wait if a window is used up. Counts nothing. */
  async secondsLeft(budget: RateBudgetName, ...subject: string[]): Promise<number | null> {
    const waits: number[] = [];
    for (const window of this.windowsOf(budget, subject)) waits.push((await this.store.secondsLeft(window)) ?? 0);
    const longest = Math.max(...waits);
    return longest > 0 ? longest : null;
  }

  /** Takes one attempt back that was counted and then not made. */
  async refund(budget: RateBudgetName, ...subject: string[]): Promise<void> {
    await this.store.giveBack(this.windowsOf(budget, subject).map(({ key }) => key));
  }

  /** Forgets the attempts and how often they were used up, because whoever made them has proved their identity. */
  async reset(budget: RateBudgetName, ...subjects: string[][]): Promise<void> {
    const keys = subjects.flatMap((subject) => this.windowsOf(budget, subject).map(({ key }) => key));
    await this.store.remove(keys);
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
