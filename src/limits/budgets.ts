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
  device_logins: {
    what: 'sign-ins that programs begin on machines without a browser',
    per: 'client network',
    windows: [{ limit: 100, seconds: 15 * MINUTE }],
    answer: TOO_MANY,
  },
  login_codes: {
    what: 'codes that signed-in users ask for, to let in a program on the same machine',
    per: 'user',
    windows: [{ limit: 60, seconds: 15 * MINUTE }],
    answer: TOO_MANY,
  },
  device_code_guesses: {
    what: 'wrong codes of programs that wait to be let in. Right ones are not counted',
    per: 'user, and client network',
    windows: [{ limit: 10, seconds: 15 * MINUTE }],
    answer: TOO_MANY,
  },
  failed_sign_ins: {
    what: 'wrong passwords and codes, of any accounts. Devices that an account signed in with before, and sessions, are not refused',
    per: 'client network',
    windows: [{ limit: 50, seconds: 15 * MINUTE }],
    answer: TOO_MANY,
  },
  wrong_secrets: {
    what: 'wrong API keys, tokens, client secrets and mailed links. Right ones are not refused',
    per: 'client network',
    windows: [{ limit: 50, seconds: 15 * MINUTE }],
    answer: '429 `rate_limited`',
  },
  condition_trials: {
    what: 'conditions of access rules that are tried or saved',
    per: 'organization or operator, and user',
    windows: [{ limit: 30, seconds: MINUTE }],
    answer: '429 `rate_limited`',
  },
  costly_rule_events: {
    what: 'events about access rules that took too long at a sign-in',
    per: 'organization',
    windows: [{ limit: 1, seconds: HOUR }],
    answer: 'the rules do not hold, and no further event is recorded',
  },
  connection_keys: {
    what: 'keys for encrypted assertions of single sign-on connections',
    per: 'organization',
    windows: [{ limit: 20, seconds: DAY }],
    answer: TOO_MANY,
  },
  claim_warning_events: {
    what: 'events about claims that were missing at a sign-in',
    per: 'single sign-on connection',
    windows: [{ limit: 1, seconds: HOUR }],
    answer: 'no further event is recorded',
  },
  webhook_tests: {
    what: 'tests of webhooks',
    per: 'organization or operator',
    windows: [{ limit: 30, seconds: MINUTE }],
    answer: TOO_MANY,
  },
  webhook_replays: {
    what: 'deliveries of webhooks that are sent again one by one',
    per: 'organization or operator',
    windows: [{ limit: 600, seconds: HOUR }],
    answer: TOO_MANY,
  },
  webhook_mass_replays: {
    what: 'times that all deliveries of a webhook since a time are sent again',
    per: 'organization or operator',
    windows: [{ limit: 10, seconds: HOUR }],
    answer: TOO_MANY,
  },
  invitations_of_new_organization: {
    what: 'invitations, also sent again or in a batch, in the first 7 days of an organization',
    per: 'organization, and sender without a role at the operator',
    windows: [
      { limit: 50, seconds: HOUR },
      { limit: 100, seconds: DAY },
    ],
    answer: '429 `invitations.too_many`',
  },
  invitations: {
    what: 'the same, later',
    per: 'organization, and sender without a role at the operator',
    windows: [{ limit: 1000, seconds: DAY }],
    answer: '429 `invitations.too_many`',
  },
  member_notices: {
    what: 'mails to a member whose membership was changed or ended. Later changes are told in one mail',
    per: 'user and organization',
    windows: [{ limit: 1, seconds: HOUR }],
    answer: 'nothing is refused: one mail at the end of the window lists the changes',
  },
  mail_requests: {
    what: 'mails requested without a session, and to the new address of an account',
    per: 'client network',
    windows: [
      { limit: 20, seconds: 15 * MINUTE },
      { limit: 60, seconds: HOUR },
    ],
    answer: TOO_MANY,
  },
  mail_requests_per_mailbox: {
    what: 'the same, from networks that the owner of the mailbox has not signed in from',
    per: 'mailbox',
    windows: [{ limit: 5, seconds: HOUR }],
    answer: TOO_MANY,
  },
  mail_requests_by_owner: {
    what: 'the same, from networks that the owner of the mailbox has signed in from',
    per: 'mailbox',
    windows: [{ limit: 5, seconds: HOUR }],
    answer: TOO_MANY,
  },
  mail_requests_per_operator: {
    what: 'the same, to all mailboxes',
    per: 'operator',
    windows: [{ limit: 2000, seconds: HOUR }],
    answer: 'the usual answer, and no mail unless the address has an account',
  },
} as const satisfies Record<string, RateBudget>;

/** Budgets of what an organization or operator has at a time. Its row is locked while its things are counted. */
export const COUNT_BUDGETS = {
  units_without_plan: {
    what: 'units of an organization without a plan. A plan, and staff for one organization, set their own limit',
    limit: 200,
    answer: '409 `units.limit_reached`',
  },
  api_keys: { what: 'active API keys, with those for SCIM', limit: 100, answer: '409 `api_keys.limit_reached`' },
  operator_api_keys: { what: 'active API keys of an operator', limit: 100, answer: '409 `api_keys.limit_reached`' },
  custom_roles: { what: 'custom roles', limit: 100, answer: '409 `roles.limit_reached`' },
  access_rules: {
    what: 'access rules of an organization, and of an operator',
    limit: 100,
    answer: '409 `access_rules.limit_reached`',
  },
  connections: { what: 'single sign-on connections', limit: 20, answer: '409 `sso.limit_reached`' },
  artifacts: { what: 'artifacts of an organization', limit: 100_000, answer: '409 `artifacts.limit_reached`' },
  webhooks: {
    what: 'webhooks of an organization, and of an operator',
    limit: 20,
    answer: '409 `webhooks.limit_reached`',
  },
  domains: { what: 'domains, verified or not', limit: 50, answer: '409 `domains.limit_reached`' },
} as const satisfies Record<string, CountBudget>;

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
