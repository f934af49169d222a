import { Random } from '../fuzz/random.mjs';
import { Faults } from './faults.mjs';
import { Journal } from './journal.mjs';
import { productFaults, auditLedger } from './audit.mjs';
import { Buyers } from './payments/buyers.mjs';
import { Workloads } from './runs/workloads.mjs';
import { Workload } from './workload.mjs';

const CLIENTS = 24;
/** Share of commits whose connection is cut. */
const CUTS = 0.03;
/** How many answered keys are sent again at the end. */
const SAMPLE = 400;

const query = (cluster) => (text, values) => cluster.postgres.query(text, values);

/** Collects the faults found by the journal, by the audit and by the product itself. */
async function allFaults(cluster, journal, organizations, compared) {
  const faults = new Map(journal.faults);
  const scene = { query: query(cluster), journal, organizations, ...compared };
  for (const [what, details] of await auditLedger(scene)) {
    faults.set(what, [...(faults.get(what) ?? []), ...details]);
  }
  const own = await productFaults({ cluster, organizations });
  if (own.length > 0) faults.set('the product reports a broken ledger', own);
  return faults;
}

/** Moves credits and money under faults, then audits the ledger. */
export async function chaos(cluster, stripe, { seed, server, postgres, stop, seconds, say: tell }) {
  const begun = performance.now();
  const say = (line) => tell(`${((performance.now() - begun) / 1000).toFixed(1)} s: ${line}`);
  const random = new Random(seed);
  const journal = new Journal(`chaos-${seed}`);
  const workload = new Workload(cluster, journal, { random, clients: CLIENTS });
  await workload.prepare();
  const buyers = new Buyers(workload, stripe, seed);
  stripe.connect(cluster, journal);
  await buyers.prepare();
  const workloads = new Workloads(workload, seed);
  await workloads.prepare();
  say('prepared');
  const faults = new Faults(cluster, workload, journal, Random.of(seed, 1));
  faults.cutConnections(CUTS);
  workload.start();
  stripe.start();
  buyers.start();
  workloads.start();
  await faults.inflict({ server, postgres, stop }, seconds, say);
  faults.leaveConnections();
  await Promise.all([workload.stop(), buyers.stop(), workloads.stop()]);
  say('the load ended');
  for (const replica of cluster.replicas) {
    for (const text of replica.ended) journal.fault('a server exited on its own', text);
  }

  const unknown = journal.count('open');
  const first = await auditLedger({ query: query(cluster), journal, organizations: workload.organizations });
  for (const [what, details] of first) for (const detail of details) journal.fault(what, detail);
  // Every open operation is retried. Afterwards none may be open.
  await workload.settle(SAMPLE);
  say('every operation is answered');
  await buyers.settle();
  say('every payment is settled');
  await workloads.settle();
  say('every run has ended');
  if (journal.count('open') > 0) journal.fault('never answered', String(journal.count('open')));
  const payments = { topUps: buyers.topUps, books: stripe.books };
  const found = await allFaults(cluster, journal, workload.organizations, { payments, runs: workloads.runs });
  say('audited');
  return {
    seed,
    kills: faults.done,
    cuts: cluster.replicas.reduce(
      (sum, { proxy: { counts } }) => sum + counts.before + counts.after + counts.within,
      0,
    ),
    failedStarts: cluster.replicas.reduce((sum, { failedStarts }) => sum + failedStarts, 0),
    acknowledged: journal.count('done'),
    kinds: journal.kinds(),
    refused: journal.count('refused'),
    unknown,
    retries: journal.retries,
    lost: journal.lost,
    unavailable: journal.unavailable,
    replays: journal.replays,
    runs: await workloads.counts(),
    payments: {
      asked: buyers.topUps.length,
      automatic: [...stripe.books.payments.values()].filter(({ session }) => session === null).length,
      ...stripe.books.done,
      webhooks: stripe.webhooks.sent,
      repeated: stripe.webhooks.duplicates,
      troubles: stripe.api.troubles,
    },
    recovery: {
      whole: Math.round(Math.max(0, ...faults.recoveries.map(({ whole }) => whole))),
      own: Math.round(Math.max(0, ...faults.recoveries.map(({ own }) => own))),
    },
    faults: Object.fromEntries(found),
  };
}
