import { Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Metrics } from '../common/metrics/index.js';
import { RATE_BUDGETS } from './budgets.js';

const OUTCOMES = ['allowed', 'refused'] as const;
type BudgetOutcome = (typeof OUTCOMES)[number];

@Injectable()
export class LimitMetrics {
  private readonly decisions: Counter<'budget' | 'outcome'>;

  constructor(metrics: Metrics) {
    this.decisions = metrics.counter({
      name: 'limit_decisions_total',
      help: 'Attempts counted against a budget of docs/operations/limits.md: allowed, or refused because it was used up.',
      labelNames: ['budget', 'outcome'],
    });
    for (const budget of Object.keys(RATE_BUDGETS))
      for (const outcome of OUTCOMES) this.decisions.inc({ budget, outcome }, 0);
  }

  decided(budget: string, outcome: BudgetOutcome): void {
    this.decisions.inc({ budget, outcome });
  }
}
