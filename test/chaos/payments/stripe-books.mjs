const seconds = () => Math.floor(Date.now() / 1000);
const isKept = ({ status }) => status !== 'failed';
const sumOf = (list) => list.reduce((sum, { amount }) => sum + amount, 0);

/** Events that Stripe sends when a payment changes. Each takes the payment and what changed. */
const EVENTS = {
  paid: ({ session, intent }) => [
    ...(session ? [['checkout.session.completed', session]] : []),
    ['payment_intent.succeeded', intent],
  ],
  processing: ({ session, intent }) => [
    ...(session ? [['checkout.session.completed', session]] : []),
    ['payment_intent.processing', intent],
  ],
  debited: ({ session, intent }) => [
    ...(session ? [['checkout.session.async_payment_succeeded', session]] : []),
    ['payment_intent.succeeded', intent],
  ],
  bounced: ({ session, intent }) => [
    ...(session ? [['checkout.session.async_payment_failed', session]] : []),
    ['payment_intent.payment_failed', intent],
  ],
  declined: ({ intent }) => [['payment_intent.payment_failed', intent]],
  refunded: (payment, refund) => [
    ['charge.refunded', chargeOf(payment)],
    ['refund.created', refund],
  ],
  refundFailed: (_, refund) => [
    ['refund.failed', refund],
    ['refund.updated', refund],
  ],
  disputed: (_, dispute) => [
    ['charge.dispute.created', dispute],
    ['charge.dispute.funds_withdrawn', dispute],
  ],
  disputeWon: (_, dispute) => [
    ['charge.dispute.closed', dispute],
    ['charge.dispute.funds_reinstated', dispute],
  ],
  disputeLost: (_, dispute) => [['charge.dispute.closed', dispute]],
};

/** Returns the charge of a payment, in Stripe's form. */
export const chargeOf = ({ intent, refunds }) => ({
  id: intent.id.replace('pi_', 'ch_'),
  object: 'charge',
  payment_intent: intent.id,
  amount: intent.amount,
  currency: intent.currency,
  amount_refunded: sumOf(refunds.filter(isKept)),
  refunds: { object: 'list', data: refunds },
});

/** The books of a stand-in for Stripe: checkouts, payments, refunds and disputes. The audit believes them alone. */
export class StripeBooks {
  /** Open and finished checkouts, by their id. */
  sessions = new Map();
  /** `{intent, session, refunds, disputes, changedAt}` by the id of the intent. */
  payments = new Map();
  done = {};
  made = 0;

  /** @param {(type: string, object: object, created: number) => void} emit sends an event */
  constructor(emit) {
    this.emit = emit;
  }

  open({ topUpId, amount, currency, metadata, keeps }) {
    const id = `cs_chaos_${++this.made}`;
    const session = {
      id,
      object: 'checkout.session',
      url: `https://checkout.stripe.example/${id}`,
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      amount_total: amount,
      currency,
      client_reference_id: topUpId,
      metadata,
    };
    this.sessions.set(id, session);
    if (keeps) session.customer = `cus_chaos_${this.made}`;
    return session;
  }

  /** Creates the payment of a checkout, or of a saved method when there is no session. */
  begin({ session = null, amount, currency, metadata, customer = null, method = null }) {
    const id = `pi_chaos_${++this.made}`;
    const intent = {
      id,
      object: 'payment_intent',
      status: 'requires_payment_method',
      amount,
      amount_received: 0,
      currency,
      metadata,
      customer,
      payment_method: method,
      last_payment_error: null,
    };
    const payment = { intent, session, refunds: [], disputes: [], changedAt: 0 };
    this.payments.set(id, payment);
    return payment;
  }

  /** Creates the payment of an open checkout. */
  beginCheckout(session) {
    const { amount_total: amount, currency, metadata, customer = null } = session;
    const method = customer && {
      id: customer.replace('cus_', 'pm_'),
      object: 'payment_method',
      type: 'card',
      card: null,
    };
    const payment = this.begin({ session, amount, currency, metadata, customer, method });
    return payment;
  }

  pay(payment) {
    this.receive(payment, 'paid');
  }

  /** The payer confirmed a debit, which takes days to arrive or to fail. */
  process(payment) {
    const { intent, session } = payment;
    intent.status = 'processing';
    if (session) Object.assign(session, { status: 'complete', payment_intent: intent.id });
    this.change(payment, 'processing');
  }

  debit(payment) {
    this.receive(payment, 'debited');
  }

  bounce(payment) {
    this.fail(payment, 'bounced');
  }

  /** A card was declined. The checkout stays open for another payment. */
  decline(payment, code = 'card_declined') {
    this.fail(payment, 'declined', code);
  }

  expire(session) {
    session.status = 'expired';
    this.count('expired');
    this.emit('checkout.session.expired', session, seconds());
  }

  refund(payment, amount) {
    const refund = this.claim('re', payment, { amount, status: 'succeeded' });
    payment.refunds.push(refund);
    this.change(payment, 'refunded', refund);
  }

  failRefund(payment, refund) {
    refund.status = 'failed';
    this.change(payment, 'refundFailed', refund);
  }

  dispute(payment, amount) {
    const dispute = this.claim('dp', payment, { amount, status: 'needs_response' });
    payment.disputes.push(dispute);
    this.change(payment, 'disputed', dispute);
  }

  closeDispute(payment, dispute, won) {
    dispute.status = won ? 'won' : 'lost';
    this.change(payment, won ? 'disputeWon' : 'disputeLost', dispute);
  }

  claim(prefix, { intent }, more) {
    const object = prefix === 're' ? 'refund' : 'dispute';
    const { currency } = intent;
    return {
      id: `${prefix}_chaos_${++this.made}`,
      object,
      payment_intent: intent.id,
      currency,
      created: seconds(),
      ...more,
    };
  }

  receive(payment, how) {
    const { intent, session } = payment;
    Object.assign(intent, { status: 'succeeded', amount_received: intent.amount, last_payment_error: null });
    if (session) Object.assign(session, { status: 'complete', payment_status: 'paid', payment_intent: intent.id });
    this.change(payment, how);
  }

  fail(payment, how, code = 'card_declined') {
    const { intent } = payment;
    Object.assign(intent, { status: 'requires_payment_method', last_payment_error: { type: 'card_error', code } });
    this.change(payment, how);
  }

  change(payment, what, object) {
    payment.changedAt = seconds();
    this.count(what);
    for (const [type, about] of EVENTS[what](payment, object)) this.emit(type, about, payment.changedAt);
  }

  count(what) {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  /** What is known about the payment of a top-up. */
  of(topUpId) {
    const sessions = [...this.sessions.values()].filter((one) => one.client_reference_id === topUpId);
    const payments = [...this.payments.values()].filter(({ intent }) => intent.metadata.topUpId === topUpId);
    return { sessions, payments };
  }
}

/** What of a payment went back to the payer, in the smallest unit. */
export function moneyOf({ intent, refunds, disputes }) {
  const inState = (...states) => sumOf(disputes.filter(({ status }) => states.includes(status)));
  return {
    paid: intent.status === 'succeeded',
    amount: intent.amount,
    refunded: sumOf(refunds.filter(isKept)),
    lost: inState('lost'),
    open: inState('needs_response'),
    won: disputes.some(({ status }) => status === 'won'),
  };
}
