import { setTimeout as sleep } from 'node:timers/promises';
import { Lost } from './http.mjs';
import { toCredits, toMicro } from './journal.mjs';

const API = '/t/demo/api/v1';
/** Share of unanswered requests that are never retried, because clients can end too. */
const FORGOTTEN = 0.1;
/** Share of operations whose key is sent to both servers at once. */
const TWICE = 0.03;
/** Share of answered keys that are sent again. */
const AGAIN = 0.03;
const LONGEST_PAUSE_MS = 60;
/** Far longer than an outage. A client that still has no answer found a fault, and must not wait forever. */
const GIVE_UP_MS = 180_000;

/** Organizations with their initial credits and their share of the operations. */
const ORGANIZATIONS = [
  { name: 'hot', credits: ['5000', '200000', '1000000'], weight: 6 },
  { name: 'warm', credits: ['1000', '100000'], weight: 2 },
  { name: 'cool', credits: ['100000'], weight: 1 },
  // Empty most of the time, so that some operations are always refused.
  { name: 'poor', credits: ['20'], weight: 1 },
  { name: 'overdrawn', credits: ['30'], weight: 1, overdraft: '40' },
  // The limit is lower than the balance.
  { name: 'limited', credits: ['100000'], weight: 1, limit: '150' },
  // Live on what they buy.
  { name: 'buyer', credits: ['40'], weight: 2, buys: true },
  // Buys automatically only.
  { name: 'saver', credits: ['40'], weight: 2, buys: true, auto: true },
  // Have runs in a cluster. The second one runs out of credits.
  { name: 'runner', credits: ['100000'], weight: 1, runs: true },
  { name: 'sprinter', credits: ['150'], weight: 1, runs: true },
];
const CATEGORIES = ['plan', 'promo', 'paid'];

/** Returns whether a response says nothing about the operation and has to be retried. Reports unexpected server errors. */
function shouldRetry(journal, { status, body }) {
  if (status === 503) journal.unavailable++;
  else if (status >= 500) journal.fault(`status ${status}`, JSON.stringify(body));
  else if (status !== 401 && !(status === 409 && body?.code === 'conflict')) return false;
  return true;
}

/** Clients that move credits, each with one call at a time, and retry until they know the outcome. */
export class Workload {
  organizations = [];
  running = [];
  ended = false;

  constructor(cluster, journal, { random, clients }) {
    this.cluster = cluster;
    this.journal = journal;
    this.random = random;
    this.clients = clients;
  }

  async prepare() {
    const { cluster, journal } = this;
    for (const { name, credits, weight, overdraft, limit, ...more } of ORGANIZATIONS) {
      const { id } = await this.manage('POST', `${API}/admin/organizations`, { name: `${journal.name} ${name}` });
      await this.manage('POST', `${API}/admin/organizations/${id}/members`, { userId: cluster.admin, role: 'admin' });
      const path = `${API}/organizations/${id}/credits`;
      const limitsPath = `${API}/organizations/${id}/limits`;
      if (overdraft) await this.manage('PUT', `${path}/overdraft`, { overdraftLimit: overdraft });
      if (limit) await this.manage('PUT', limitsPath, { limits: [{ window: 'lifetime', amount: limit }] });
      const organization = { id, name, weight, path, limitsPath, open: [], charges: [], ...more };
      const units = await this.manage('GET', `${API}/admin/organizations/${id}/units`);
      organization.unitId = units.items[0].id;
      organization.topUpsPath = `${API}/organizations/${id}/top-ups`;
      organization.autoPath = `${API}/organizations/${id}/auto-top-up`;
      if (limit) organization.limit = toMicro(limit);
      this.organizations.push(organization);
      for (const [index, amount] of credits.entries()) {
        const grant = this.grant(organization, toMicro(amount), CATEGORIES[index]);
        await this.execute(grant, { patient: true });
        if (grant.state !== 'done') throw new Error(`granting ${amount} returned ${JSON.stringify(grant.answer)}`);
      }
    }
  }

  /** Sends a request that is not under test. */
  async manage(method, path, sent) {
    const { status, body } = await this.cluster.ask({ method, path, body: sent });
    if (status >= 300) throw new Error(`${method} ${path} returned ${status} ${body.code}`);
    return body;
  }

  start() {
    this.running = Array.from({ length: this.clients }, (_, index) => this.journal.watch(this.client(index)));
  }

  /** Resolves when every client has received its last response or given up. */
  async stop() {
    this.ended = true;
    await Promise.all(this.running);
  }

  async client(index) {
    await sleep(index * 5);
    while (!this.ended) {
      await this.step();
      await sleep(this.random.next() * LONGEST_PAUSE_MS);
    }
  }

  async step() {
    const { random } = this;
    const organization = random.weighted(this.organizations.map((one) => [one.weight, one]));
    const what = random.weighted([
      [60, 'charge'],
      [8, 'batch'],
      [3, 'grant'],
      [6, 'refund'],
      [12, 'hold'],
      [11, 'resolve'],
    ]);
    if (what === 'batch') {
      await this.batch(this.batchOf(organization, random.int(2, 30)));
      return;
    }
    const operations = {
      charge: () => [this.charge(organization, this.amount(5))],
      hold: () => [this.hold(organization, this.amount(10))],
      grant: () => [this.grant(organization, this.amount(30), random.pick(CATEGORIES))],
      refund: () => this.refund(organization),
      resolve: () => this.resolve(organization),
    }[what]();
    await Promise.all(operations.map((operation) => this.execute(operation)));
  }

  /** Returns a random amount of up to `credits`, in micro-credits. */
  amount(credits) {
    return BigInt(this.random.int(1, credits * 1_000_000));
  }

  charge(organization, amount) {
    return this.spend('charge', organization, amount, `${organization.path}/charges`, {});
  }

  hold(organization, amount) {
    // Longer than any test run, so that no hold expires.
    return this.spend('hold', organization, amount, `${organization.path}/holds`, { ttlSeconds: 86_400 });
  }

  spend(kind, organization, amount, path, more) {
    const operation = this.journal.add({ kind, organization, amount, path });
    operation.body = { amount: toCredits(amount), reference: operation.id, kind: 'chaos', ...more };
    return operation;
  }

  grant(organization, amount, category) {
    const operation = this.journal.add({
      kind: 'grant',
      organization,
      amount,
      category,
      path: `${organization.path}/grants`,
    });
    operation.body = { amount: toCredits(amount), category, reason: operation.id };
    return operation;
  }

  /** Refunds part of a charge, sometimes twice at once. Returns nothing if there is no charge. */
  refund(organization) {
    const { random, journal } = this;
    const { charges } = organization;
    if (charges.length === 0) return [];
    const charge = charges[random.int(0, charges.length - 1)];
    return Array.from({ length: random.chance(0.2) ? 2 : 1 }, () => {
      const amount = 1n + (charge.amount * BigInt(random.int(0, 999))) / 1000n;
      const path = `${organization.path}/charges/${charge.answer.id}/refunds`;
      const operation = journal.add({ kind: 'refund', organization, amount, charge, path });
      operation.body = { amount: toCredits(amount), reason: operation.id };
      return operation;
    });
  }

  /** Captures or voids a hold, sometimes both at once. Returns nothing if there is no hold. */
  resolve(organization) {
    const { random, journal } = this;
    const hold = organization.open.splice(random.int(0, organization.open.length - 1), 1)[0];
    if (!hold) return [];
    const path = `${organization.path}/holds/${hold.answer.id}`;
    const capture = () => {
      // Sometimes more than is held, which must be refused.
      const amount = 1n + (hold.amount * BigInt(random.int(0, 1050))) / 1000n;
      return journal.add({
        kind: 'capture',
        organization,
        hold,
        amount,
        path: `${path}/capture`,
        body: { amount: toCredits(amount) },
      });
    };
    const release = () => journal.add({ kind: 'void', organization, hold, amount: hold.amount, path: `${path}/void` });
    if (random.chance(0.15)) return [capture(), release()];
    return [random.chance(0.7) ? capture() : release()];
  }

  /** Sends an operation until it is answered. Unless `patient`, some unanswered operations are abandoned. */
  async execute(operation, { patient = false } = {}) {
    const { random } = this;
    if (!patient && random.chance(TWICE)) {
      await Promise.all([this.insist(operation, 0, patient), this.insist(operation, 1, patient)]);
    } else {
      await this.insist(operation, random.int(0, 1), patient);
    }
    if (!patient && operation.answer && random.chance(AGAIN)) await this.insist(operation, random.int(0, 1), true);
  }

  async insist(operation, at, patient) {
    const { key, path, body } = operation;
    const answer = await this.ask({ path, body, headers: { 'idempotency-key': key } }, at, patient);
    if (answer) this.learn(operation, answer.status, answer.body, answer.headers['idempotent-replayed'] === 'true');
  }

  batchOf(organization, size) {
    const { random } = this;
    return Array.from({ length: size }, () => this.charge(organization, this.amount(random.chance(0.5) ? 1 : 5)));
  }

  async batch(operations, patient = false) {
    const [{ path }] = operations;
    const items = operations.map(({ key, body }) => ({ ...body, idempotencyKey: key }));
    const answer = await this.ask({ path: `${path}/batch`, body: { items } }, this.random.int(0, 1), patient);
    if (!answer) return;
    if (answer.status !== 200) {
      this.journal.fault('a batch was refused', JSON.stringify(answer.body));
      return;
    }
    operations.forEach((operation, index) => {
      const { status, ...body } = answer.body.results[index];
      this.learn(operation, status, body, body.replayed === true);
    });
  }

  learn(operation, status, body, replayed) {
    const known = operation.answer !== null;
    this.journal.note(operation, status, body, replayed);
    if (known || operation.state !== 'done') return;
    const { organization, kind } = operation;
    if (kind === 'hold') organization.open.push(operation);
    if (kind === 'charge') organization.charges.push(operation);
  }

  /** Returns the first conclusive response, or null if the client gave up. */
  async ask(request, at, patient) {
    const { cluster, journal, random } = this;
    const begun = performance.now();
    let last = 'no response';
    for (let tries = 0; performance.now() - begun < GIVE_UP_MS; tries++) {
      if (tries > 0) journal.retries++;
      const { authorization } = cluster;
      const replica = cluster.replicas[(at + tries) % cluster.replicas.length];
      try {
        const answer = await replica.send({ ...request, headers: { ...request.headers, authorization } });
        if (!shouldRetry(journal, answer)) return answer;
        last = `${answer.status} ${answer.body?.code}`;
        if (answer.status === 401 && authorization === cluster.authorization) await cluster.signIn();
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        last = error.message;
        // No server was listening, so the request was not sent.
        if (error.message !== 'ECONNREFUSED') {
          journal.lost++;
          if (!patient && random.chance(FORGOTTEN)) return null;
        }
      }
      await sleep(Math.min(20 * 2 ** tries, 500) * (0.5 + random.next()));
    }
    journal.fault('a request without an answer for minutes', `${request.path}: ${last}`);
    return null;
  }

  /** Retries every open operation, and sends `sample` answered ones again. */
  async settle(sample) {
    const { journal, random } = this;
    const answered = journal.operations.filter(({ state }) => state !== 'open');
    const chosen = Array.from({ length: Math.min(sample, answered.length) }, () => random.pick(answered));
    const all = [...journal.operations.filter(({ state }) => state === 'open'), ...chosen];
    const next = all.values();
    const worker = async () => {
      for (const operation of next) await this.insist(operation, random.int(0, 1), true);
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  }
}
