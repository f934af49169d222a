import { defineErrors } from '../../common/errors/index.js';

export const topUpErrors = defineErrors('top_ups', {
  not_found: ['not_found', 'This organization has no top-up with this id.'],
  package_not_found: ['not_found', 'No package with this id is available.'],
  package_limit_reached: ['conflict', 'An operator can have at most 200 packages. Delete one and try again.'],
  return_url_not_allowed: [
    'unprocessable',
    'The return URL must start with BASE_URL or with an origin that the operator allows.',
  ],
  amount_too_large: ['unprocessable', 'The amount is too large for one payment. Buy fewer credits at a time.'],
  amount_too_small: [
    'unprocessable',
    'The amount is too small for a payment in this currency. Buy more credits at a time.',
  ],
  key_mismatch: ['unprocessable', 'This Idempotency-Key was already used for a different request. Use a new key.'],
  provider_unavailable: [
    'unavailable',
    'The payment provider does not respond. The top-up was saved. Read it again in a minute, or repeat the request with the same Idempotency-Key.',
  ],
  provider_refused: ['unprocessable', 'The payment provider rejected this payment.'],
  no_provider: [
    'conflict',
    'This server takes no online payments. Pay by bank transfer, or ask the operator to configure a payment provider.',
  ],
  provider_not_offered: ['unprocessable', 'This operator does not accept this payment provider. Choose another one.'],
  provider_not_found: ['not_found', 'This payment provider is not configured.'],
  invalid_signature: ['invalid', 'The signature is missing, invalid, or more than 300 seconds old.'],
  invalid_event: ['invalid', 'The request body is not an event of this provider.'],
  payment_method_needed: [
    'unprocessable',
    'This saved payment method does not exist. Pay for a top-up with `savePaymentMethod` first.',
  ],
  payment_method_not_found: ['not_found', 'This organization has no saved payment method with this id.'],
  not_confirmable: ['conflict', 'Only bank transfers that are not confirmed yet can be confirmed.'],
  confirmation_too_large: [
    'forbidden',
    'This amount pays for more credits than you may create alone. Confirm the requested amount, and grant the rest, which a second person approves.',
  ],
  not_cancellable: [
    'conflict',
    'Only open bank transfers can be cancelled, by the member who asked for them or by those who see all credits.',
  ],
  not_refundable: [
    'conflict',
    'Only confirmed bank transfers can be refunded, up to the amount that is not refunded yet.',
  ],
  nothing_to_review: ['conflict', 'This top-up has no payment that needs a review.'],
  receipt_not_found: ['not_found', 'The top-up has no receipt with this number.'],
  receipt_correction_limit_reached: [
    'conflict',
    'A receipt can be corrected at most 10 times. Ask the operator for help.',
  ],
  receipt_unchanged: [
    'conflict',
    'The receipt already names the buyer as it is now. Change the billing details before you correct it.',
  ],
  no_receipt: ['conflict', 'A receipt is available once the top-up is paid.'],
  checkout_over: ['conflict', 'This step is no longer possible at this checkout.'],
});
