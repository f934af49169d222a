import { Random } from '../fuzz/random.mjs';
import { Faults } from './faults.mjs';
import { Journal } from './journal.mjs';
import { productFaults, auditLedger } from './audit.mjs';
import { Workload } from './workload.mjs';

const CLIENTS = 24;
/** Share of commits whose connection is cut. */
const CUTS = 0.03;
/** How many answered keys are sent again at the end. */
const SAMPLE = 400;

const query = (cluster) => (text, values) => cluster.postgres.query(text, values);

/** Collects the faults found by the journal, by the audit and by the product itself. */
async function allFaults(cluster, journal, organizations) {
  const faults = new Map(journal.faults);
  for (const [what, details] of await auditLedger({ query: query(cluster), journal, organizations })) {
    faults.set(what, [...(faults.get(what) ?? []), ...details]);
  }
  const own = await productFaults({ cluster, organizations });
  if (own.length > 0) faults.set('the product reports a broken ledger', own);
  return faults;
}

/** Moves credits under faults, then audits the ledger. */
export async function chaos(cluster, { seed, server, postgres, stop, seconds, say }) {
  const random = new Random(seed);
  const journal = new Journal(`chaos-${seed}`);
  const workload = new Workload(cluster, journal, { random, clients: CLIENTS });
  await workload.prepare();
  const faults = new Faults(cluster, workload, journal, Random.of(seed, 1));
  faults.cutConnections(CUTS);
  workload.start();
  await faults.inflict({ server, postgres, stop }, seconds, say);
  faults.leaveConnections();
  await workload.stop();
  for (const replica of cluster.replicas) {
    for (const text of replica.ended) journal.fault('a server exited on its own', text);
  }

  const unknown = journal.count('open');
  const first = await auditLedger({ query: query(cluster), journal, organizations: workload.organizations });
  for (const [what, details] of first) for (const detail of details) journal.fault(what, detail);
  // Every open operation is retried. Afterwards none may be open.
  await workload.settle(SAMPLE);
  if (journal.count('open') > 0) journal.fault('never answered', String(journal.count('open')));
  const found = await allFaults(cluster, journal, workload.organizations);
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
    recovery: {
      whole: Math.round(Math.max(0, ...faults.recoveries.map(({ whole }) => whole))),
      own: Math.round(Math.max(0, ...faults.recoveries.map(({ own }) => own))),
    },
    faults: Object.fromEntries(found),
  };
}
