import { defineErrors } from '../../common/errors/index.js';

export const billingErrors = defineErrors('billing', {
  insufficient_credits: ['payment_required', 'There are not enough credits.'],
  limit_exceeded: ['payment_required', 'A limit does not allow this.'],
  frozen: ['forbidden', 'The credits of this organization are frozen. Ask the operator.'],
  idempotency_key_required: ['invalid', 'Send an Idempotency-Key: a call that moves credits happens once per key.'],
  idempotency_key_invalid: ['invalid', 'An Idempotency-Key has 1 to 255 printable ASCII characters.'],
  idempotency_mismatch: ['unprocessable', 'This Idempotency-Key was sent with another request.'],
  balance_too_large: ['unprocessable', 'No balance may grow that large.'],
  member_not_allowed: ['forbidden', 'Only managers and API keys may charge in the name of another member.'],
  unit_required: ['unprocessable', 'This API key is for some units only. Name the one to charge.'],
  charge_not_found: ['not_found', 'There is no such charge.'],
  refund_exceeds_charge: ['unprocessable', 'No more can be refunded than what is left of the charge.'],
  hold_not_found: ['not_found', 'There is no such hold.'],
  hold_resolved: ['conflict', 'This hold has been captured, voided or has expired.'],
  capture_exceeds_hold: ['unprocessable', 'More than the hold. Say in `policy` where the rest may come from.'],
  overdraft_in_use: ['conflict', 'More of the overdraft is in use than the new limit allows.'],
  adjustment_not_found: ['not_found', 'There is no such adjustment.'],
  adjustment_decided: ['conflict', 'This adjustment has been decided on.'],
  second_person_needed: ['forbidden', 'Somebody else must decide on an adjustment you asked for.'],
  proof_takes_long: [
    'unprocessable',
    'There are too many entries to go through while you wait. They are each night; `npm run ops -- verify-ledger` does it at once.',
  ],
  alert_not_found: ['not_found', 'There is no such alert.'],
  alert_limit_reached: ['conflict', 'An organization has at most 50 alerts. Remove one first.'],
  busy: ['unavailable', 'Too many charges are waiting. Try again with the same Idempotency-Key.'],
});
