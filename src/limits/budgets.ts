/** Attempts that are allowed within a time. */
export interface Window {
  limit: number;
  seconds: number;
}

export interface RateBudget {
  /** What is counted. */
  what: string;
  /** What each count belongs to. */
  per: string;
  /** All of them must have room. */
  windows: readonly Window[];
  /** Each window that was used up doubles the next one, to a day. */
  grows?: boolean;
  /** What is answered when a window is used up. */
  answer: string;
}

export interface CountBudget {
  /** What is counted. */
  what: string;
  limit: number;
  answer: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TOO_MANY = '429 `auth.too_many_attempts`';

/** Budgets of what happens within a time. They are counted in PostgreSQL, so they are exact on any number of servers. */
export const RATE_BUDGETS = {
  password_attempts: {
    what: 'attempts at the password of an account, also for step-up',
    per: 'account: each network the user signed in from, and all other networks together',
    windows: [{ limit: 10, seconds: 15 * MINUTE }],
    grows: true,
    answer: TOO_MANY,
  },
  code_attempts: {
    what: 'attempts at the codes of an account: authenticator app and recovery codes, also for step-up',
    per: 'account: each network the user signed in from, and all other networks together',
    windows: [{ limit: 5, seconds: 15 * MINUTE }],
    grows: true,
    answer: TOO_MANY,
  },
  sign_in_steps: {
    what: 'links, codes and choices that are redeemed, and sign-ins that are begun with an identity provider',
    per: 'IP address',
    windows: [{ limit: 600, seconds: MINUTE }],
    answer: TOO_MANY,
  },
  registrations: {
    what: 'registrations',
    per: 'IP address',
    windows: [{ limit: 60, seconds: MINUTE }],
    answer: TOO_MANY,
  },
  mails_to_mailbox: {
    what: 'mails that are requested without a session',
    per: 'mailbox',
    windows: [{ limit: 10, seconds: HOUR }],
    answer: TOO_MANY,
  },
} as const satisfies Record<string, RateBudget>;

/** Budgets of what an organization has at a time. The organization's row is locked while its things are counted. */
export const COUNT_BUDGETS = {} as const satisfies Record<string, CountBudget>;

export type RateBudgetName = keyof typeof RATE_BUDGETS;
export type CountBudgetName = keyof typeof COUNT_BUDGETS;

/** The variable of the environment that replaces the windows or the limit of a budget. */
export const variableOf = (budget: string): string => `LIMIT_${budget.toUpperCase()}`;

const UNITS: readonly (readonly [string, number])[] = [
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', 1],
];

/** Writes windows as the environment has them: `20/15m,60/1h`. */
export const windowsText = (windows: readonly Window[]): string =>
  windows
    .map(({ limit, seconds }) => {
      const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ['s', 1];
      return `${limit}/${seconds / size}${unit}`;
    })
    .join(',');

/** Reads `20/15m,60/1h`. Returns null for anything else. */
export function parseWindows(text: string): Window[] | null {
  const windows = text.split(',').map((part) => {
    const [, limit, count, unit] = /^\s*([1-9]\d{0,8})\/([1-9]\d{0,4})([smhd])\s*$/.exec(part) ?? [];
    const size = UNITS.find(([name]) => name === unit)?.[1];
    return size ? { limit: Number(limit), seconds: Number(count) * size } : null;
  });
  const valid = windows.filter((window) => window !== null);
  return valid.length === windows.length && valid.length <= 3 ? valid : null;
}
