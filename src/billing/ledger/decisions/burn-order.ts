import type { Lot } from './state.js';

const NEVER = Number.POSITIVE_INFINITY;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byNumber = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const paidLast = ({ category }: Lot): number => (category === 'paid' ? 1 : 0);

/** Sorts lots in the order they are spent: priority, earliest expiry, granted before paid, oldest first. */
export const inBurnOrder = (a: Lot, b: Lot): number =>
  byNumber(a.priority, b.priority) ||
  byNumber(a.expiresAt ?? NEVER, b.expiresAt ?? NEVER) ||
  byNumber(paidLast(a), paidLast(b)) ||
  byNumber(a.effectiveAt, b.effectiveAt) ||
  byText(a.id, b.id);

/** Sorts lots by expiry. Lots without an expiry are not passed in. */
export const inExpiryOrder = (a: Lot, b: Lot): number =>
  byNumber(a.expiresAt ?? NEVER, b.expiresAt ?? NEVER) || inBurnOrder(a, b);
