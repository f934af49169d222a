import type { PaymentNotice } from './providers/payment-provider.js';

export const REVIEW_REASONS = [
  'amount_differs',
  'currency_differs',
  'organization_differs',
  'checkout_differs',
  'paid_twice',
] as const;
export type ReviewReason = (typeof REVIEW_REASONS)[number];

/** Describes a payment that does not match its top-up. Staff decide whether to refund it. */
export interface PaymentReview {
  reason: ReviewReason;
  reportedMinor: number | null;
  reportedCurrency: string | null;
  paymentId: string | null;
  eventId: string | null;
}

export const toReview = (reason: ReviewReason, { money, paymentId, eventId }: PaymentNotice): PaymentReview => ({
  reason,
  reportedMinor: money?.amountMinor ?? null,
  reportedCurrency: money?.currency ?? null,
  paymentId,
  eventId,
});

/**
 * Compares what a provider reports with the top-up and returns how they differ, or null if they agree. A valid signature
 * proves who sent an event, not that the right amount was paid. A payment that states no amount or currency differs.
 */
export function differenceOf(
  topUp: { organizationId: string; priceMinor: string; currency: string },
  { facts, money, organizationId }: PaymentNotice,
): ReviewReason | null {
  if (organizationId && organizationId !== topUp.organizationId) return 'organization_differs';
  const { amountMinor = null, currency = null } = money ?? {};
  if (facts.paid) {
    if (currency !== topUp.currency) return 'currency_differs';
    return amountMinor === Number(topUp.priceMinor) ? null : 'amount_differs';
  }
  return null;
}
