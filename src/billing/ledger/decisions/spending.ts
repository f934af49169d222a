import { type Micro, toCredits } from '../../../common/money/index.js';
import { memberErrors } from '../../../common/access/index.js';
import { organizationErrors } from '../../../organizations/index.js';
import { unitErrors } from '../../../units/index.js';
import { billingErrors } from '../billing.errors.js';
import { type Books, limitApplies } from './books.js';
import type { Caller, Usage } from './command.js';
import { toResetsAt } from './windows.js';
import { LIMIT_SCOPES, LIMIT_WINDOWS, type Limit, type OrganizationState, type Subject } from './state.js';

/** Tells whether a hold or charge exists for the caller. */
export const isAccessibleTo = ({ onlyOf, onlyUnits }: Caller, { unitId, memberId, apiKeyId }: Subject): boolean =>
  (onlyOf === null || memberId === onlyOf || apiKeyId === onlyOf) &&
  (onlyUnits === null || (unitId !== null && onlyUnits.includes(unitId)));

function assertOrganization({ status, frozen, owed }: OrganizationState): void {
  if (status === 'pending_deletion') throw organizationErrors.pending_deletion();
  if (status === 'suspended') throw organizationErrors.suspended();
  if (frozen || owed > 0n) throw billingErrors.frozen({ data: { owed: toCredits(owed) } });
}

function assertSubject(state: OrganizationState, usage: Usage): void {
  const { unitId, memberId } = usage;
  if (unitId !== null) {
    const status = state.units.get(unitId);
    const outside =
      usage.requiredUnitMember !== null && !state.unitMembers.has(`${unitId}:${usage.requiredUnitMember}`);
    if (!status || outside) throw unitErrors.not_found();
    if (status === 'pending_deletion') throw unitErrors.pending_deletion();
    if (status === 'suspended') throw unitErrors.suspended();
  }
  if (usage.verifyMember && memberId !== null && !state.members.has(memberId)) throw memberErrors.not_found();
}

const rank = ({ scope, window }: Limit): number =>
  LIMIT_SCOPES.indexOf(scope) * LIMIT_WINDOWS.length + LIMIT_WINDOWS.indexOf(window);

const SCOPE_NAMES = { organization: 'organization', unit: 'unit', member: 'member', api_key: 'apiKey' } as const;

/** Rejects an amount that would exceed a limit, and names the broadest such limit. */
function assertLimits({ limits, now, timeZone }: OrganizationState, subject: Subject, amount: Micro): void {
  let broken: Limit | null = null;
  for (const limit of limits) {
    if (!limitApplies(limit.scope, limit.subjectId, subject) || limit.used + amount <= limit.amount) continue;
    if (!broken || rank(limit) < rank(broken)) broken = limit;
  }
  if (!broken) return;
  const left = broken.amount - broken.used;
  throw billingErrors.limit_exceeded({
    data: {
      blockedBy: SCOPE_NAMES[broken.scope],
      limit: {
        scope: SCOPE_NAMES[broken.scope],
        id: broken.subjectId,
        window: broken.window,
        amount: toCredits(broken.amount),
        used: toCredits(broken.used),
        resetsAt: toResetsAt(broken.window, now, timeZone),
      },
      available: toCredits(left > 0n ? left : 0n),
      shortfall: toCredits(amount - (left > 0n ? left : 0n)),
    },
  });
}

/** Rejects an amount that credits do not cover. With `overdraft` false, only available credits count. */
export function assertCovered(books: Books, amount: Micro, overdraft = true): void {
  const { available } = books.balances;
  const most = overdraft ? books.spendable : available;
  if (amount > most) {
    throw billingErrors.insufficient_credits({
      data: { available: toCredits(available), shortfall: toCredits(amount - most), blockedBy: 'balance' },
    });
  }
}

export function assertAffordable(books: Books, subject: Subject, amount: Micro, overdraft = true): void {
  // Free usage takes nothing, so neither an empty balance nor a used-up limit stops it.
  if (amount === 0n) return;
  assertCovered(books, amount, overdraft);
  assertLimits(books.state, subject, amount);
}

/** Returns how much more a subject may use now, and what prevents more. */
export function maxAffordable(books: Books, subject: Subject): { most: Micro; blockedBy: 'balance' | 'limit' } {
  let most = books.spendable;
  let blockedBy: 'balance' | 'limit' = 'balance';
  for (const limit of books.state.limits) {
    const left = limit.amount - limit.used;
    if (!limitApplies(limit.scope, limit.subjectId, subject) || left >= most) continue;
    most = left;
    blockedBy = 'limit';
  }
  return { most: most > 0n ? most : 0n, blockedBy };
}

/** Rejects a charge or hold that the organization, its unit or member, the balance or a limit does not allow. */
export function assertMaySpend(books: Books, usage: Usage, amount: Micro): void {
  assertOrganization(books.state);
  assertSubject(books.state, usage);
  assertAffordable(books, usage, amount);
}
