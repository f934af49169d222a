import { setTimeout as sleep } from 'node:timers/promises';
import { audited, plantInTables } from '../planted.mjs';
import { Workloads } from './workloads.mjs';

const RUN_MS = 2_100;

const ENTRY = `organization_id = (select organization_id from runs where id = $1) and reference = $1::text`;
/** The entry that charges the seconds of a run that was settled once. */
const CHARGE = `${ENTRY} and consumed > 0`;

const copyOf = (where, changes) => `insert into credit_entries
  select e.* from credit_entries g, lateral json_populate_record(g, json_build_object('id', gen_random_uuid(), ${changes})) e
  where g.ctid = (select ctid from credit_entries where ${where} order by seq limit 1)`;

/** Faults in the tables: `[name, expected, statement]`, each about the run $1. */
const FAULTS = [
  ['a run charged twice', 'a second of a run charged twice', copyOf(CHARGE, `'seq', g.seq + 1000000`)],
  ['a settlement of a run missing', 'a run differs from its entries', `delete from credit_entries where ${CHARGE}`],
  [
    'a run started twice',
    'a run started twice',
    `insert into runs select e.* from runs r, lateral json_populate_record(r, json_build_object('id', gen_random_uuid())) e
     where r.id = $1`,
  ],
  ['an answered run missing', 'an answered run is missing', 'delete from runs where id = $1'],
  [
    'a run charged more than it answered',
    'a run differs from what was answered',
    `update runs set settled_seconds = settled_seconds + 1, covered_seconds = covered_seconds + 1,
       charged = ceil(rate::numeric * (settled_seconds + 1) / 3600) where id = $1`,
  ],
  [
    'credits held for a run that ended',
    'credits held for a run that ended',
    copyOf(`${ENTRY} and type = 'hold'`, `'seq', g.seq + 1000000`),
  ],
  [
    'a run that never ended',
    'a run that never ended',
    'update runs set stopped_at = null, stop_reason = null where id = $1',
  ],
];

/** Lets a run live for some seconds, and plants faults in what it left. */
export async function runControls(scene, seed, add) {
  const workloads = new Workloads(scene.workload, seed);
  await workloads.prepare();
  const run = workloads.runOf(workloads.organizations[0]);
  await workloads.begin(run, true);
  if (run.state !== 'started') throw new Error('the run that faults are planted in was not started');
  await sleep(RUN_MS);
  await workloads.ask(run, 'stop', true);
  await workloads.settle();
  const compared = { runs: workloads.runs };
  const before = await audited(scene, compared, () => undefined);
  if (before.size > 0) throw new Error(`the audit reports faults in a correct run: ${JSON.stringify([...before])}`);
  await plantInTables(scene, compared, run.id, FAULTS, add);
}
