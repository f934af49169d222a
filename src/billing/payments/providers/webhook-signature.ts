import type { Stripe } from 'stripe';
import { topUpErrors } from '../top-up.errors.js';

const TOLERANCE_SECONDS = 300;

let loaded: Promise<typeof Stripe> | undefined;

/** With the first use: a server without payments does without it. */
export const loadStripe = (): Promise<typeof Stripe> => (loaded ??= import('stripe').then(({ default: made }) => made));

const timeOf = (header: string): number => Number(/(?:^|,)\s*t=(\d{1,15})(?:,|$)/.exec(header)?.[1] ?? Number.NaN);

/**
 * The event of a body that was signed with one of `secrets`, at most 300 seconds ago and not in the future: two of them
 * while one takes the place of the other. An empty secret signs nothing. Throws top_ups.invalid_signature.
 */
export async function verifiedEvent(
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
      // Perhaps the other one.
    }
  }
  throw topUpErrors.invalid_signature();
}
