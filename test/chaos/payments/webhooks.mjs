import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lost } from '../http.mjs';

export const WEBHOOK_SECRET = 'whsec_of_the_stand_in_for_stripe_under_faults';
const SENDERS = 4;
/** Share of events that are sent again although they were received, later or at once to both servers. */
const AGAIN = 0.1;
const TWICE = 0.05;
const USUAL_DELAY_MS = 1_500;
const LONG_DELAY_MS = 10_000;
const RETRY_MS = 1_000;
const HURRY_MS = 200;

function signature(text) {
  const time = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', WEBHOOK_SECRET).update(`${time}.${text}`).digest('hex');
  return `t=${time},v1=${digest}`;
}

/** Sends events to the servers at least once, in changing order, and again until they are received. */
export class Webhooks {
  waiting = [];
  sending = 0;
  sent = 0;
  failures = 0;
  duplicates = 0;
  senders = 0;
  ended = false;
  /** Set when no more events are made, so that nothing waits for the last ones. */
  hurries = false;
  made = 0;

  constructor(random) {
    this.random = random;
  }

  /** Queues an event about an object as it is now. */
  add(type, object, created) {
    const id = `evt_chaos_${++this.made}`;
    const event = { id, object: 'event', type, created, data: { object: structuredClone(object) } };
    const longest = this.random.chance(0.1) ? LONG_DELAY_MS : USUAL_DELAY_MS;
    this.queue(event, this.random.next() * longest);
  }

  queue(event, delay) {
    const wait = this.hurries ? Math.min(delay, HURRY_MS) : delay;
    this.waiting.push({ event, due: performance.now() + wait });
  }

  start(cluster, journal) {
    Object.assign(this, { cluster, journal });
    for (; this.senders < SENDERS; this.senders++) void journal.watch(this.sender());
  }

  /** Waits until every event was received, at most `ms`. Returns how many were not. */
  async drain(ms) {
    this.hurries = true;
    for (const one of this.waiting.splice(0)) this.queue(one.event, one.due - performance.now());
    for (const begun = performance.now(); performance.now() - begun < ms; await sleep(50)) {
      if (this.waiting.length + this.sending === 0) return 0;
    }
    return this.waiting.length + this.sending;
  }

  async sender() {
    for (; !this.ended; await sleep(20)) {
      const now = performance.now();
      const due = this.waiting.filter((one) => one.due <= now);
      if (due.length === 0) continue;
      const next = this.random.pick(due);
      this.waiting.splice(this.waiting.indexOf(next), 1);
      this.sending++;
      await this.deliver(next.event);
      this.sending--;
    }
  }

  async deliver(event) {
    const { random } = this;
    const [first, second] = random.chance(0.5) ? [0, 1] : [1, 0];
    const places = random.chance(TWICE) ? [first, second] : [first];
    const received = await Promise.all(places.map((place) => this.send(event, place)));
    if (!received.some(Boolean)) {
      this.failures++;
      this.queue(event, random.next() * RETRY_MS);
    } else if (random.chance(AGAIN)) this.queue(event, random.next() * LONG_DELAY_MS);
  }

  /** Returns whether a server said that it received the event. */
  async send(event, place) {
    const headers = { 'stripe-signature': signature(JSON.stringify(event)) };
    try {
      const replica = this.cluster.replicas[place];
      const { status, body } = await replica.send({ path: '/webhooks/payments/stripe', body: event, headers });
      this.sent++;
      if (status === 200 && body.duplicate) this.duplicates++;
      // A conflict and an unavailable database are answers for which Stripe sends again.
      if (status !== 200 && status !== 503 && status !== 409)
        this.journal.fault('a webhook was refused', `${event.type}: ${status} ${JSON.stringify(body)}`);
      return status === 200;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      return false;
    }
  }
}
