import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../fuzz/random.mjs';
import { StripeApi } from './stripe-api.mjs';
import { moneyOf, StripeBooks } from './stripe-books.mjs';
import { WEBHOOK_SECRET, Webhooks } from './webhooks.mjs';

const PAUSE_MS = 500;
/** A payment changes at most once in a second, because Stripe dates events by the second. */
const APART_S = 2;
const DRAIN_MS = 90_000;

/** A stand-in for Stripe with payers and banks that act at random. It runs in this process, so no kill of a server ends it. */
export class Stripe {
  ended = true;
  running = Promise.resolve();

  constructor(seed) {
    this.random = Random.of(seed, 2);
    this.webhooks = new Webhooks(Random.of(seed, 3));
    this.books = new StripeBooks((type, object, created) => this.webhooks.add(type, object, created));
    this.api = new StripeApi(this.books, Random.of(seed, 4));
  }

  async listen() {
    await this.api.listen();
  }

  /** Variables of the servers that take payments here. */
  get variables() {
    return {
      STRIPE_SECRET_KEY: 'sk_of_the_stand_in',
      STRIPE_API_URL: this.api.url,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      PAYMENT_TIMEOUT_MS: '3000',
    };
  }

  /** Sends events to the servers of the cluster from now on. */
  connect(cluster, journal) {
    this.webhooks.start(cluster, journal);
  }

  /** Lets payers and banks act, and lets requests fail. */
  start() {
    this.ended = false;
    this.api.calm = false;
    this.webhooks.hurries = false;
    this.running = this.webhooks.journal.watch(this.act());
  }

  /** Ends what payers and banks do, and sends the events that are left. Returns how many were not received. */
  async settle() {
    this.ended = true;
    await this.running;
    this.api.calm = true;
    return this.webhooks.drain(DRAIN_MS);
  }

  async act() {
    for (; !this.ended; await sleep(this.random.next() * PAUSE_MS)) {
      const possible = this.possible();
      if (possible.length > 0) this.random.weighted(possible)();
    }
  }

  /** Lists what may happen next: `[weight, action]`. */
  possible() {
    const { books } = this;
    const now = Math.floor(Date.now() / 1000);
    const payments = [...books.payments.values()].filter(({ changedAt }) => now >= changedAt + APART_S);
    const open = [...books.sessions.values()].filter(({ status }) => status === 'open');
    return [
      ...open.flatMap((session) => this.forSession(session, payments)),
      ...payments.flatMap((payment) => this.forPayment(payment)),
    ];
  }

  forSession(session, payments) {
    const { books } = this;
    // The next attempt after a declined card belongs to the same payment.
    const known = [...books.payments.values()].find((one) => one.session === session);
    if (known && !payments.includes(known)) return [];
    const payment = () => known ?? books.beginCheckout(session);
    return [
      [8, () => books.pay(payment())],
      [2, () => books.process(payment())],
      ...(known ? [] : [[1.5, () => books.decline(payment())]]),
      [0.3, () => books.expire(session)],
    ];
  }

  forPayment(payment) {
    const { books, random } = this;
    const { status } = payment.intent;
    if (status === 'processing')
      return [
        [4, () => books.debit(payment)],
        [1, () => books.bounce(payment)],
      ];
    if (status !== 'succeeded') return [];
    const { amount, refunded, lost, open } = moneyOf(payment);
    const left = amount - refunded - lost - open;
    const dispute = payment.disputes.find((one) => one.status === 'needs_response');
    if (dispute) return [true, false].map((won) => [2, () => books.closeDispute(payment, dispute, won)]);
    // A refund fails within days, or never.
    const refund = payment.refunds.find((one) => one.status === 'succeeded' && !one.final);
    const part = () => (random.chance(0.4) ? left : random.int(1, left));
    return [
      ...(refund
        ? [
            [0.5, () => books.failRefund(payment, refund)],
            [0.5, () => keep(refund)],
          ]
        : []),
      ...(left > 0
        ? [
            [0.15, () => books.refund(payment, part())],
            [0.1, () => books.dispute(payment, part())],
          ]
        : []),
    ];
  }

  close() {
    this.ended = true;
    this.webhooks.ended = true;
    this.api.close();
  }
}

/** Nothing that is sent says that a refund stays. */
function keep(refund) {
  Object.defineProperty(refund, 'final', { value: true });
}
