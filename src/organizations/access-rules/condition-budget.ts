import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Condition, ConditionResult } from './condition.js';
import { SLICE_MS } from './time-slice.js';

const WINDOW_MS = 60_000;
/** What the slow conditions of one organization may take of this process in a window. */
const WINDOW_BUDGET_MS = 3_000;
/** Ordinary conditions take less than a tenth of this. */
const SLOW_MS = 5;

/**
 * Bounds the time that the slow conditions of one organization take at sign-ins. Each sign-in is bounded too, but an
 * organization could let its members sign in all the time.
 */
@Injectable()
export class ConditionBudget {
  private readonly spentMs = new LRUCache<string, number>({ max: 10_000, ttl: WINDOW_MS, noUpdateTTL: true });
  private readonly slow = new WeakSet<Condition>();

  /** Tells whether a condition has to wait for the next window, and does not hold until then. */
  isOver(organizationId: string, condition: Condition): boolean {
    return this.slow.has(condition) && (this.spentMs.get(organizationId) ?? 0) >= WINDOW_BUDGET_MS;
  }

  measure(organizationId: string, condition: Condition, evaluate: () => ConditionResult): ConditionResult {
    const started = performance.now();
    const result = evaluate();
    const ms = performance.now() - started;
    if (ms > SLOW_MS) this.spend(organizationId, condition, ms);
    return result;
  }

  /** Counts a condition that was given up. */
  exceeded(organizationId: string, condition: Condition): void {
    this.spend(organizationId, condition, SLICE_MS);
  }

  private spend(organizationId: string, condition: Condition, ms: number): void {
    this.slow.add(condition);
    this.spentMs.set(organizationId, (this.spentMs.get(organizationId) ?? 0) + ms);
  }
}
