import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../fuzz/random.mjs';
import { until } from '../faults.mjs';
import { toCredits } from '../journal.mjs';

const BUYERS = 3;
const PAUSE_MS = 1_000;
/** The load must not grow with the time that a slow machine takes. */
const MOST = 300;
/** Share of top-ups that both servers are asked for at once. */
const TWICE = 0.1;
const AUTO = { enabled: true, threshold: '25', amount: '20' };
const PREPARE_MS = 60_000;
/** The job that polls the provider runs every ten seconds, for 50 top-ups at a time. */
const RECONCILE_MS = 120_000;

/** The smallest payment is half a dollar, and a credit costs a dollar. */
const LEAST = 500_000;

/** Clients that buy credits for the organizations with `buys`. */
export class Buyers {
  /** What was asked for: `{organization, key, credits, id}`. `id` is null until it was answered. */
  topUps = [];
  running = [];
  ended = false;

  constructor(workload, stripe, seed) {
    this.workload = workload;
    this.stripe = stripe;
    this.random = Random.of(seed, 5);
    this.organizations = workload.organizations.filter(({ buys }) => buys);
  }

  get journal() {
    return this.workload.journal;
  }

  /** Saves a payment method for the organizations that buy automatically, and turns that on. */
  async prepare() {
    const { workload, stripe } = this;
    for (const organization of this.organizations.filter(({ auto }) => auto)) {
      const topUp = this.topUpOf(organization, { savePaymentMethod: true });
      await this.order(topUp, true);
      const [session] = stripe.books.of(topUp.id).sessions;
      stripe.books.pay(stripe.books.beginCheckout(session));
      const path = `${organization.topUpsPath}/${topUp.id}`;
      for (const begun = performance.now(); ; await sleep(100)) {
        const { body } = await workload.cluster.ask({ method: 'GET', path });
        if (body.state === 'granted') break;
        if (performance.now() - begun > PREPARE_MS) throw new Error(`the first top-up is still ${body.state}`);
      }
      await workload.manage('PUT', organization.autoPath, AUTO);
    }
  }

  start() {
    this.running = Array.from({ length: BUYERS }, () => this.journal.watch(this.buyer()));
  }

  async stop() {
    this.ended = true;
    await Promise.all(this.running);
  }

  async buyer() {
    const { random } = this;
    for (; !this.ended; await sleep(random.next() * PAUSE_MS)) {
      const organization = random.pick(this.organizations);
      // Refunds, disputes and declines turn it off.
      if (organization.auto) await this.turnOn(organization);
      else if (this.topUps.length < MOST) await this.order(this.topUpOf(organization));
    }
  }

  topUpOf(organization, more = {}) {
    const { random, journal } = this;
    const credits = BigInt(random.int(LEAST, random.chance(0.5) ? 60_000_000 : 5_000_000));
    const body = { credits: toCredits(credits), ...more };
    const topUp = { organization, credits, body, key: `top-up-${journal.name}-${this.topUps.length}`, id: null };
    this.topUps.push(topUp);
    return topUp;
  }

  /** Asks for a top-up until it is answered. Unless `patient`, some are given up. */
  async order(topUp, patient = false) {
    const { random } = this;
    const first = random.int(0, 1);
    const places = !patient && random.chance(TWICE) ? [first, 1 - first] : [first];
    await Promise.all(places.map((place) => this.insist(topUp, place, patient)));
  }

  async insist(topUp, place, patient) {
    const { organization, key, body, credits } = topUp;
    const headers = { 'idempotency-key': key };
    const answer = await this.workload.ask({ path: organization.topUpsPath, body, headers }, place, patient);
    if (!answer) return;
    const { status, body: said } = answer;
    const wrong = status >= 300 || said.credits !== toCredits(credits) || (topUp.id !== null && topUp.id !== said.id);
    if (wrong) this.journal.fault('a top-up with a wrong answer', `${key}: ${status} ${JSON.stringify(said)}`);
    topUp.id ??= said?.id ?? null;
  }

  /** Any response will do, and none as well. */
  async turnOn({ autoPath }) {
    const { cluster } = this.workload;
    const { authorization } = cluster;
    const replica = this.random.pick(cluster.replicas);
    await replica
      .send({ method: 'PUT', path: autoPath, body: AUTO, headers: { authorization } })
      .catch(() => undefined);
  }

  /** Asks again for every top-up without an answer, and lets the servers catch up with Stripe, as they do in time. */
  async settle() {
    const { stripe, journal, workload } = this;
    for (const { auto, autoPath } of this.organizations) {
      if (auto) await workload.manage('PUT', autoPath, { ...AUTO, enabled: false });
    }
    const left = await stripe.settle();
    if (left > 0) journal.fault('webhooks were never received', String(left));
    for (const topUp of this.topUps) if (topUp.id === null) await this.insist(topUp, 0, true);
    await this.reconcile();
    if ((await stripe.settle()) > 0) journal.fault('webhooks were never received', 'after the reconciliation');
  }

  /** Makes every poll of Stripe due, which otherwise takes a minute to an hour, and waits until all were made. */
  async reconcile() {
    const { cluster } = this.workload;
    const ids = this.organizations.map(({ id }) => id);
    const mine = 'organization_id = any ($1::uuid[])';
    await cluster.postgres.query(`delete from job_failures`);
    await cluster.postgres.query(`update top_ups set next_look_at = now() where next_look_at is not null and ${mine}`, [
      ids,
    ]);
    const due = async () => {
      const { rows } = await cluster.postgres.query(
        `select count(*)::int as count from top_ups where next_look_at <= now() and ${mine}`,
        [ids],
      );
      return rows[0].count;
    };
    const done = await until(async () => (await due()) === 0, RECONCILE_MS, 250);
    if (!done) this.journal.fault('the reconciliation did not end', `${await due()} top-ups are still due`);
  }
}
