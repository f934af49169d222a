import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../fuzz/random.mjs';
import { until } from '../faults.mjs';

const API = '/t/demo/api/v1';
const WORKLOADS = 8;
/** The load must not grow with the time that a slow machine takes. */
const MOST = 150;
/** The shortest that the product accepts. */
const TIMEOUT_S = 10;
const BEAT_MS = 2_000;
/** Prices in credits per hour: an odd one, a credit in a second, and one that soon ends what is left. */
const PRESETS = { odd: '720.700001', plain: '3600', fast: '25200' };
/** Share of starts that both servers are asked for at once. */
const TWICE = 0.15;
/** How a workload ends. `vanish` sends no heartbeat any more, so that its run is lost. */
const ENDS = [
  [6, 'stop'],
  [2, 'vanish'],
];
/** How often the organization loses its access for a moment, which ends its runs. */
const REMOVAL_MS = 25_000;
const END_MS = 120_000;

const key = (name) => ({ 'idempotency-key': name });

/** Workloads that run in a cluster, and are charged by the second, for the organizations with `runs`. */
export class Workloads {
  /** What was asked for: `{organization, name, state, answers, asked}`. `state` is `open`, `started` or `refused`. */
  runs = [];
  running = [];
  removals = 0;
  ended = false;

  constructor(workload, seed) {
    this.workload = workload;
    this.random = Random.of(seed, 6);
    this.organizations = workload.organizations.filter(({ runs }) => runs);
  }

  get journal() {
    return this.workload.journal;
  }

  /** Registers a cluster and gives the organizations access. */
  async prepare() {
    const presets = Object.entries(PRESETS).map(([name, creditsPerHour]) => ({ key: name, creditsPerHour }));
    const cluster = await this.workload.manage('POST', `${API}/admin/clusters`, { name: this.journal.name, presets });
    for (const organization of this.organizations) {
      organization.clusterPath = `${API}/admin/clusters/${cluster.id}/organizations/${organization.id}`;
      organization.runsPath = `${API}/organizations/${organization.id}/runs`;
      await this.workload.manage('PUT', organization.clusterPath);
    }
    this.clusterId = cluster.id;
  }

  start() {
    const works = Array.from({ length: WORKLOADS }, () => this.work());
    this.running = [...works, this.removeAccess()].map((work) => this.journal.watch(work));
  }

  async stop() {
    this.ended = true;
    await Promise.all(this.running);
  }

  async work() {
    const { random } = this;
    while (!this.ended) {
      if (this.runs.length < MOST) await this.live(this.runOf(random.pick(this.organizations)));
      await sleep(random.next() * 1_000);
    }
  }

  runOf(organization) {
    const { random, journal } = this;
    const run = {
      organization,
      name: `run-${journal.name}-${this.runs.length}`,
      preset: random.pick(Object.keys(PRESETS)),
      state: 'open',
      id: null,
      // The furthest that any response said: seconds and charge.
      seconds: 0,
      stopAsked: false,
      stopped: null,
    };
    this.runs.push(run);
    return run;
  }

  /** Starts a run, sends heartbeats, and ends it in one of the ways in which workloads end. */
  async live(run) {
    const { random } = this;
    await this.begin(run);
    if (run.state !== 'started') return;
    for (let beats = random.int(0, 4); beats > 0 && !this.ended && !run.stopped; beats--) {
      await sleep(BEAT_MS * random.next());
      await this.ask(run, 'heartbeat');
    }
    if (random.weighted(ENDS) === 'stop' && !run.stopped) await this.ask(run, 'stop');
  }

  async begin(run, patient = false) {
    const { random } = this;
    const first = random.int(0, 1);
    const places = !patient && random.chance(TWICE) ? [first, 1 - first] : [first];
    await Promise.all(places.map((place) => this.insist(run, place, patient)));
  }

  async insist(run, place, patient) {
    const { organization, name, preset } = run;
    const body = {
      clusterId: this.clusterId,
      preset,
      unitId: organization.unitId,
      name,
      heartbeatTimeoutSeconds: TIMEOUT_S,
    };
    const request = { path: organization.runsPath, body, headers: key(name) };
    const answer = await this.workload.ask(request, place, patient);
    if (answer) this.learnStart(run, answer);
  }

  learnStart(run, { status, body }) {
    if (status === 201) {
      if (run.id !== null && run.id !== body.id) this.journal.fault('one key, two runs', `${run.name}: ${body.id}`);
      if (run.state === 'refused') this.journal.fault('a run refused and started', run.name);
      Object.assign(run, { id: body.id, state: 'started' });
    } else if (status === 402) {
      if (run.id !== null) this.journal.fault('a run refused and started', run.name);
      run.state = 'refused';
    } else if (status !== 404 || body.code !== 'clusters.not_found') {
      // Without access there is no cluster, and nothing is stored for the key.
      this.journal.fault('a run was refused', `${run.name}: ${status} ${JSON.stringify(body)}`);
    }
  }

  /** Sends a heartbeat or a stop, and remembers what the response says. */
  async ask(run, what, patient = false) {
    if (what === 'stop') run.stopAsked = true;
    const path = `${run.organization.runsPath}/${run.id}/${what}`;
    const answer = await this.workload.ask({ path, headers: {} }, this.random.int(0, 1), patient);
    if (!answer) return;
    const { status, body } = answer;
    if (status !== 200) {
      this.journal.fault('a run did not answer', `${run.name}: ${status} ${JSON.stringify(body)}`);
      return;
    }
    const reason = what === 'stop' ? body.stopReason : body.reason;
    const { state, stoppedAt, seconds, charged } = body;
    if (seconds < run.seconds)
      this.journal.fault('a run was charged back', `${run.name}: ${seconds} of ${run.seconds}`);
    run.seconds = Math.max(run.seconds, seconds);
    if (state === 'stopped') run.stopped ??= { seconds, charged, stoppedAt, reason };
    else if (what === 'stop') this.journal.fault('a stopped run goes on', run.name);
  }

  /** Ends all runs of an organization now and then, as its cluster does that sends it away. */
  async removeAccess() {
    for (let last = performance.now(); !this.ended; await sleep(100)) {
      if (performance.now() - last < REMOVAL_MS) continue;
      last = performance.now();
      const { clusterPath } = this.random.pick(this.organizations);
      // A repetition after a lost response finds nothing to remove.
      await this.workload.cluster.ask({ method: 'DELETE', path: clusterPath });
      await this.workload.manage('PUT', clusterPath);
      this.removals++;
    }
  }

  /** Counts the runs by how they ended. */
  async counts() {
    const { rows } = await this.workload.cluster.postgres.query(
      `select stop_reason as reason, count(*)::int as count from runs where organization_id = any ($1::uuid[])
       group by stop_reason`,
      [this.organizations.map(({ id }) => id)],
    );
    const refused = this.runs.filter(({ state }) => state === 'refused').length;
    return { ...Object.fromEntries(rows.map(({ reason, count }) => [reason, count])), refused };
  }

  /** Asks again for every start without an answer, and waits until the servers have ended what sends no heartbeat. */
  async settle() {
    const { cluster } = this.workload;
    for (const run of this.runs) if (run.state === 'open') await this.begin(run, true);
    await cluster.postgres.query(`delete from job_failures`);
    const ids = this.organizations.map(({ id }) => id);
    const over = await until(
      async () => {
        const { rows } = await cluster.postgres.query(
          'select count(*)::int as count from runs where organization_id = any ($1::uuid[]) and stopped_at is null',
          [ids],
        );
        return rows[0].count === 0;
      },
      END_MS,
      500,
    );
    if (!over) this.journal.fault('runs without heartbeats did not end', '');
  }
}

/** Returns the price of the first `seconds` of a run in micro-credits, rounded up once. */
export function costOf(preset, seconds) {
  const [whole, fraction = ''] = PRESETS[preset].split('.');
  const all = BigInt(whole + fraction.padEnd(6, '0')) * BigInt(seconds);
  return (all + 3599n) / 3600n;
}
