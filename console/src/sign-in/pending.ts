import { consoleBase } from '../start';
import type { ChoiceStep, FactorStep } from './outcome';

/** A sign-in between two of its pages. */
export interface PendingSignIn {
  step: FactorStep | ChoiceStep;
  to?: string | undefined;
  email?: string | undefined;
}

/** The server's tokens for the next step expire after ten minutes. */
const MAX_AGE_MS = 10 * 60 * 1000;
const KEY = `trellis-sign-in-${consoleBase}`;

/**
 * Kept for this tab, so that a reload does not start the sign-in again: phones reload a page after a look at the
 * authenticator app.
 */
export function savePending(pending: PendingSignIn): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...pending, savedAt: Date.now() }));
}

export function readPending(): PendingSignIn | null {
  const stored = sessionStorage.getItem(KEY);
  if (!stored) return null;
  const { savedAt, ...pending } = JSON.parse(stored) as PendingSignIn & { savedAt: number };
  return Date.now() - savedAt < MAX_AGE_MS ? pending : null;
}

export const clearPending = (): void => sessionStorage.removeItem(KEY);
