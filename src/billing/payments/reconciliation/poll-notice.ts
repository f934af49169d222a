import type { PaymentNotice } from '../providers/payment-provider.js';

/** Returns the notice for a status that was read from the provider instead of received from it. */
export const pollNotice = (
  checkoutId: string | null,
  paymentId: string | null,
  facts: PaymentNotice['facts'] = {},
): PaymentNotice => ({ eventId: null, type: 'poll', topUpId: null, checkoutId, paymentId, facts });
