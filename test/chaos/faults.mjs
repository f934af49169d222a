import { setTimeout as sleep } from 'node:timers/promises';
import { Lost, send } from './http.mjs';

const BACK_MS = 60_000;
const CUTS = [
  [1, 'before'],
  [1, 'after'],
  [1, 'within'],
];
/** Requests in flight when a server is told to stop. */
const IN_FLIGHT = 12;
/** Enough time for the server to read the requests. */
const READ_MS = 300;
/** How long a server may take to stop. */
const STOP_MS = 25_000;

/** Waits until `check` returns or resolves to a truthy value and returns it, or null after `ms`. Checks every `pause` ms. */
export async function until(check, ms, pause = 10) {
  for (const begun = performance.now(); ; await sleep(pause)) {
    const found = await check();
    if (found) return found;
    if (performance.now() - begun > ms) return null;
  }
}

/** Inflicts faults on the servers and on PostgreSQL while the clients continue. */
export class Faults {
  restarts = new Set();
  recoveries = [];
  done = { server: 0, postgres: 0, stop: 0 };

  constructor(cluster, workload, journal, random) {
    this.cluster = cluster;
    this.workload = workload;
    this.journal = journal;
    this.random = random;
  }

  /** Cuts some connections to PostgreSQL around a COMMIT. */
  cutConnections(probability) {
    for (const { proxy } of this.cluster.replicas) {
      proxy.fate = () => (this.random.chance(probability) ? this.random.weighted(CUTS) : 'pass');
    }
  }

  leaveConnections() {
    for (const { proxy } of this.cluster.replicas) proxy.fate = () => 'pass';
  }

  /** Inflicts all faults in an order given by the seed, spread over at least `seconds`. */
  async inflict({ server, postgres, stop }, seconds, say) {
    const { random } = this;
    const all = Object.entries({ server, postgres, stop }).flatMap(([kind, count]) =>
      Array.from({ length: count }, () => [random.next(), kind]),
    );
    const kinds = all.sort(([a], [b]) => a - b).map(([, kind]) => kind);
    const begun = performance.now();
    for (const [index, kind] of kinds.entries()) {
      await sleep(random.int(20, 200));
      const due = (seconds * 1000 * index) / kinds.length - (performance.now() - begun);
      if (due > 0) await sleep(due);
      await { server: () => this.killServer(), postgres: () => this.killPostgres(), stop: () => this.stopServer() }[
        kind
      ]();
      this.done[kind]++;
      say(`${index + 1} of ${kinds.length} faults (${kind}), ${this.journal.operations.length} operations`);
    }
    const left = seconds * 1000 - (performance.now() - begun);
    if (left > 0) await sleep(left);
    await Promise.all(this.restarts);
  }

  /** Picks a server that has responded since its start, so that there is work to interrupt. */
  async victim() {
    const { random, cluster } = this;
    const found = await until(() => {
      const serving = cluster.replicas.filter(({ ready, answered }) => ready && answered > 0);
      return serving.length > 0 && random.pick(serving);
    }, BACK_MS * 2);
    if (!found) throw new Error('no server came back');
    return found;
  }

  async killServer() {
    const replica = await this.victim();
    await replica.end('SIGKILL');
    this.restart(replica);
  }

  restart(replica) {
    const restart = replica.start().finally(() => this.restarts.delete(restart));
    // A failure surfaces where all restarts are awaited.
    restart.catch(() => undefined);
    this.restarts.add(restart);
  }

  async killPostgres() {
    const { cluster, random, recoveries, journal } = this;
    // A server must be running to show that it recovers.
    await until(() => cluster.replicas.every(({ ready, answered }) => ready && answered > 0), BACK_MS);
    const begun = performance.now();
    await cluster.postgres.kill();
    if (random.chance(0.3)) {
      const replica = cluster.replicas.find(({ ready }) => ready);
      if (replica) {
        await replica.end('SIGKILL');
        this.done.server++;
        this.restart(replica);
      }
    }
    await sleep(random.int(0, 300));
    await cluster.postgres.start();
    const started = performance.now();
    // Servers that were not killed must recover on their own.
    const living = cluster.replicas.filter(({ ready }) => ready);
    for (const replica of living) {
      const { child } = replica;
      const answered = replica.answered;
      // A 503 counts as a response, so check that credits can be read as well.
      const [one] = this.workload.organizations;
      const back = await this.answersAgain(replica, one.path);
      if (!back || replica.child !== child || replica.answered < answered) {
        journal.fault('a server did not recover after PostgreSQL', replica.name);
      }
    }
    if (living.length > 0) recoveries.push({ whole: performance.now() - begun, own: performance.now() - started });
  }

  async answersAgain(replica, path) {
    for (const begun = performance.now(); performance.now() - begun < BACK_MS; await sleep(20)) {
      const headers = { authorization: this.cluster.authorization };
      const answer = await replica.send({ method: 'GET', path, headers }).catch(() => null);
      if (answer && answer.status !== 503) return true;
    }
    return false;
  }

  /** Sends SIGTERM with requests in flight. Each must be answered, and the process must exit with code 0. */
  async stopServer() {
    const { cluster, workload, journal } = this;
    await cluster.staySignedIn();
    const replica = await this.victim();
    const { fate } = replica.proxy;
    replica.proxy.fate = () => 'pass';
    replica.proxy.hold();
    const { port } = replica;
    const inFlight = Array.from({ length: IN_FLIGHT }, (_, index) => {
      const organization = workload.organizations[index % workload.organizations.length];
      return this.sendOnce(port, workload.charge(organization, workload.amount(5)));
    });
    await sleep(READ_MS);
    // Two more round trips, so that the server has read what was sent.
    for (let times = 0; times < 2; times++) await send(port, { method: 'GET', path: '/healthz', agent: false });
    const begun = performance.now();
    const ended = replica.end('SIGTERM');
    setTimeout(() => {
      replica.proxy.release();
      replica.proxy.fate = fate;
    }, READ_MS);
    const code = await ended;
    if (code !== 0) journal.fault('a stop with a failing exit code', `${replica.name}: code ${code}`);
    if (performance.now() - begun > STOP_MS) journal.fault('a stop that took too long', replica.name);
    await Promise.all(inFlight);
    this.restart(replica);
  }

  /** Sends one request, once, on a separate connection. */
  async sendOnce(port, operation) {
    const { key, path, body } = operation;
    const headers = { 'idempotency-key': key, authorization: this.cluster.authorization };
    try {
      const { status, body: answer } = await send(port, { path, body, headers, agent: false });
      const isAnswer = status === 201 || status === 402 || answer?.code === 'billing.frozen';
      if (isAnswer) this.journal.note(operation, status, answer, false);
      else
        this.journal.fault('a stop left a request without a response', `${key}: ${status} ${JSON.stringify(answer)}`);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      this.journal.fault('a stop left a request without a response', `${key}: ${error.message}`);
    }
  }
}
