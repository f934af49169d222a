import type { Stripe } from 'stripe';
import { topUpErrors } from '../top-up.errors.js';

const TOLERANCE_SECONDS = 300;

let loaded: Promise<typeof Stripe> | undefined;

/** Loads the Stripe package on first use, so that servers without payments never load it. */
export const loadStripe = (): Promise<typeof Stripe> => (loaded ??= import('stripe').then(({ default: made }) => made));

const timeOf = (header: string): number => Number(/(?:^|,)\s*t=(\d{1,15})(?:,|$)/.exec(header)?.[1] ?? Number.NaN);

/**
 * Verifies that `body` was signed with one of `secrets` at most 300 seconds ago and returns its event. Two secrets are
 * valid while one replaces the other. An empty secret never matches.
 */
export async function verifyEvent(
  body: Buffer,
  header: string | undefined,
  secrets: readonly string[],
): Promise<unknown> {
  if (!header || timeOf(header) > Date.now() / 1000 + TOLERANCE_SECONDS) throw topUpErrors.invalid_signature();
  const { webhooks } = await loadStripe();
  for (const secret of secrets) {
    if (secret === '') continue;
    try {
      return webhooks.constructEvent(body, header, secret, TOLERANCE_SECONDS);
    } catch {
      // The other secret may match.
    }
  }
  throw topUpErrors.invalid_signature();
}
