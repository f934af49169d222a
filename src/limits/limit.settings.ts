import { Injectable } from '@nestjs/common';
import { Config, ConfigError } from '../common/config/index.js';
import {
  COUNT_BUDGETS,
  type CountBudgetName,
  parseWindows,
  RATE_BUDGETS,
  type RateBudget,
  type RateBudgetName,
  variableOf,
} from './budgets.js';

/** The budgets in force: those of the code, with what the environment says instead. */
@Injectable()
export class LimitSettings {
  private readonly rates = new Map<string, RateBudget>();
  private readonly counts = new Map<string, number>();

  /** Throws `ConfigError`. */
  constructor({ limits }: Config) {
    const given = new Map(Object.entries(limits));
    for (const [name, budget] of Object.entries<RateBudget>(RATE_BUDGETS))
      this.rates.set(name, { ...budget, windows: take(given, name, parseWindows, WINDOWS) ?? budget.windows });
    for (const [name, { limit }] of Object.entries<{ limit: number }>(COUNT_BUDGETS))
      this.counts.set(name, take(given, name, parseCount, COUNT) ?? limit);
    const [unknown] = given.keys();
    if (unknown) throw new ConfigError(`${unknown} is not a limit: docs/operations/limits.md lists them`);
  }

  rate(name: RateBudgetName): RateBudget {
    return this.rates.get(name) ?? RATE_BUDGETS[name];
  }

  /** Returns how many of something an organization may have. */
  count(name: CountBudgetName): number {
    return this.counts.get(name) ?? COUNT_BUDGETS[name].limit;
  }
}

/** Throws `ConfigError` unless all limits of the environment can be used. */
export const assertLimits = (config: Config): void => void new LimitSettings(config);

const WINDOWS = 'must be one to three of attempts per time, such as 20/15m,60/1h';
const COUNT = 'must be a whole number from 1 to 999999999';

const parseCount = (text: string): number | null => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : null);

function take<T>(given: Map<string, string>, name: string, parse: (text: string) => T | null, expected: string) {
  const variable = variableOf(name);
  const text = given.get(variable);
  given.delete(variable);
  if (text === undefined) return null;
  const value = parse(text);
  if (value === null) throw new ConfigError(`${variable} ${expected}`);
  return value;
}
