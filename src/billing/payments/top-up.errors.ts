import { defineErrors } from '../../common/errors/index.js';

export const topUpErrors = defineErrors('top_ups', {
  not_found: ['not_found', 'There is no such top-up in this organization.'],
  package_not_found: ['not_found', 'There is no such package on offer.'],
  package_limit_reached: ['conflict', 'An operator has at most 200 packages. Remove one first.'],
  return_url_not_allowed: [
    'unprocessable',
    'The address to come back to must begin with BASE_URL or an origin that the operator allows.',
  ],
  amount_too_large: ['unprocessable', 'One payment may not be that large.'],
  key_mismatch: ['unprocessable', 'This Idempotency-Key was sent with another request.'],
  provider_unavailable: [
    'unavailable',
    'The payment provider does not answer. The top-up is kept: read it again in a minute, or repeat the request with its Idempotency-Key.',
  ],
  provider_refused: ['unprocessable', 'The payment provider does not take this payment.'],
  provider_not_offered: ['unprocessable', 'Top-ups cannot be paid this way here.'],
  provider_not_found: ['not_found', 'No payments are taken by that provider.'],
  invalid_signature: ['invalid', 'The signature is missing, wrong, or more than 300 seconds old.'],
  invalid_event: ['invalid', 'This is no event of the provider.'],
  payment_method_needed: [
    'unprocessable',
    'There is no such saved method of payment. Pay one top-up with `savePaymentMethod` first.',
  ],
  payment_method_not_found: ['not_found', 'There is no such saved method of payment in this organization.'],
  not_confirmable: ['conflict', 'Only a transfer that has not been confirmed can be confirmed.'],
  not_refundable: ['conflict', 'Here no more can be refunded than what is left of a confirmed transfer.'],
  no_receipt: ['conflict', 'There is a receipt once it is paid.'],
  checkout_over: ['conflict', 'This is not possible any more at this checkout.'],
});
