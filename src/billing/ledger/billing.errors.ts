import { defineErrors } from '../../common/errors/index.js';

export const billingErrors = defineErrors('billing', {
  insufficient_credits: [
    'payment_required',
    'There are not enough credits for this amount. Buy credits or use a smaller amount.',
  ],
  limit_exceeded: ['payment_required', 'This amount would exceed a limit. See `limit`.'],
  frozen: ['forbidden', 'The credits of this organization are frozen. Contact the operator.'],
  idempotency_key_required: ['invalid', 'Send an Idempotency-Key header, so that a retry does not move credits twice.'],
  idempotency_key_invalid: ['invalid', 'An Idempotency-Key must have 1 to 255 printable ASCII characters.'],
  idempotency_mismatch: [
    'unprocessable',
    'This Idempotency-Key was already used for a different request. Use a new key.',
  ],
  balance_too_large: ['unprocessable', 'The balance would become too large. Use a smaller amount.'],
  member_not_allowed: ['forbidden', 'Only managers and API keys can charge for another member.'],
  unit_required: ['unprocessable', 'This API key is restricted to some units. Set `unitId` to one of them.'],
  charge_not_found: ['not_found', 'The charge does not exist.'],
  refund_exceeds_charge: ['unprocessable', 'The refund is larger than what is left of the charge. See `refundable`.'],
  hold_not_found: ['not_found', 'The hold does not exist.'],
  hold_resolved: ['conflict', 'This hold was already captured or voided, or has expired.'],
  capture_exceeds_hold: [
    'unprocessable',
    'The amount is larger than the hold. Set `policy` to choose where the rest comes from.',
  ],
  overdraft_in_use: ['conflict', 'More of the overdraft is in use than the new limit allows. Set a higher limit.'],
  grant_not_found: ['not_found', 'The grant does not exist.'],
  grant_was_paid: ['conflict', 'These credits were bought. Refund the top-up instead.'],
  grant_is_used: ['conflict', 'Nothing is left of this grant that holds do not keep.'],
  grant_not_scheduled: ['conflict', 'Only a scheduled grant can be cancelled. Take back granted credits with `void`.'],
  scheduled_grant_limit_reached: [
    'conflict',
    'An organization can have at most 100 scheduled grants. Cancel one, or wait until one is granted.',
  ],
  adjustment_not_found: ['not_found', 'The adjustment does not exist.'],
  adjustment_decided: ['conflict', 'This adjustment was already approved or declined.'],
  second_person_needed: ['forbidden', 'You requested this adjustment, so another member of staff must decide on it.'],
  proof_takes_long: [
    'unprocessable',
    'There are too many entries to check within a request. They are checked every night. To check them now, run `npm run ops -- verify-ledger`.',
  ],
  alert_not_found: ['not_found', 'The alert does not exist.'],
  alert_limit_reached: ['conflict', 'An organization can have at most 50 alerts. Delete one first.'],
  busy: ['unavailable', 'Too many charges are waiting. Retry with the same Idempotency-Key.'],
});
