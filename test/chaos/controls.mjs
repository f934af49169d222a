import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../fuzz/random.mjs';
import { until } from './faults.mjs';
import { Journal } from './journal.mjs';
import { productFaults, auditLedger } from './audit.mjs';
import { paymentControls } from './payments/controls.mjs';
import { runControls } from './runs/controls.mjs';
import { Workload } from './workload.mjs';

const CLIENTS = 12;
const CALM_MS = 700;
const ENOUGH = 60;
const PATIENCE_MS = 30_000;
/** Several, because a dropped commit may contain only refusals. */
const LIES = 8;

/** Tells whether the first organization has what the planted faults change. */
const isPrepared = ({ operations }, [first]) =>
  operations.some(({ kind, state, organization }) => kind === 'hold' && state === 'done' && organization === first);

/** Runs a short workload in separate organizations. `during` may inflict faults. */
async function run(cluster, name, seed, during = async () => undefined) {
  const journal = new Journal(`${name}-${seed}`);
  const random = new Random(seed);
  const workload = new Workload(cluster, journal, { random, clients: CLIENTS });
  await workload.prepare();
  const undo = await during();
  workload.start();
  await sleep(CALM_MS);
  // A busy machine takes longer to do enough work.
  await until(() => journal.count('done') > ENOUGH && isPrepared(journal, workload.organizations), PATIENCE_MS);
  await undo?.();
  await workload.stop();
  return { cluster, journal, workload, organizations: workload.organizations };
}

const audit = ({ cluster, journal, organizations }) =>
  auditLedger({ query: (text, values) => cluster.postgres.query(text, values), journal, organizations });

const product = ({ cluster, organizations }) => productFaults({ cluster, organizations });

/** Changes the ledger with its triggers disabled. */
async function tamper({ postgres }, text, values) {
  await postgres.query('set session_replication_role = replica');
  try {
    return await postgres.query(text, values);
  } finally {
    await postgres.query('reset session_replication_role');
  }
}

/** Acknowledges some commits and drops them. */
async function lost(cluster, seed) {
  const random = new Random(seed);
  const scene = await run(cluster, 'lost', seed, async () => {
    for (const { proxy } of cluster.replicas) proxy.fate = () => (random.chance(0.1) ? 'lie' : 'pass');
    return async () => {
      await until(() => cluster.replicas.reduce((sum, { proxy }) => sum + proxy.counts.lie, 0) >= LIES, PATIENCE_MS);
      for (const { proxy } of cluster.replicas) proxy.fate = () => 'pass';
    };
  });
  return { expected: 'acknowledged and lost', found: await audit(scene) };
}

/** Disables synchronous_commit under running servers, which check it only at their start, and crashes PostgreSQL. */
async function unsynchronized(cluster, seed) {
  const { postgres } = cluster;
  const set = async (...settings) => {
    for (const setting of settings) await postgres.query(`alter system ${setting}`);
    await postgres.query('select pg_reload_conf()');
  };
  const scene = await run(cluster, 'unsynchronized', seed, async () => {
    // Maximizes the amount of unwritten data.
    await set('set synchronous_commit = off', "set wal_writer_delay = '10s'", "set wal_writer_flush_after = '1GB'");
    return async () => {
      await postgres.kill();
      await postgres.start();
      await set('reset synchronous_commit', 'reset wal_writer_delay', 'reset wal_writer_flush_after');
    };
  });
  return { expected: 'acknowledged and lost', found: await audit(scene) };
}

/** Simulates an idempotency key that does not prevent a second execution. */
async function doubled({ workload, journal, organizations, ...scene }) {
  const charge = journal.operations.find(
    ({ kind, state, organization }) => kind === 'charge' && state === 'done' && organization.name === 'hot',
  );
  const key = `${charge.key}-again`;
  journal.byKey.set(key, charge);
  await workload.insist({ ...charge, key, answer: null, state: 'open' }, 0, true);
  const found = await audit({ journal, organizations, ...scene });
  return { expected: 'done twice', found };
}

async function balance(scene) {
  const [{ id }] = scene.organizations;
  const change = (by) =>
    tamper(scene.cluster, `update credit_accounts set available = available + $2 where organization_id = $1`, [id, by]);
  await change(1);
  const result = {
    expected: 'a balance is not the sum of its entries',
    found: await audit(scene),
    product: await product(scene),
  };
  await change(-1);
  return result;
}

async function removed(scene) {
  const [{ id }] = scene.organizations;
  const { rows } = await tamper(
    scene.cluster,
    `delete from credit_entries e where organization_id = $1 and seq = (
       select max(seq) / 2 from credit_entries where organization_id = $1) returning to_json(e) as entry`,
    [id],
  );
  const result = { expected: 'entries are missing', found: await audit(scene), product: await product(scene) };
  await tamper(
    scene.cluster,
    'insert into credit_entries select * from json_populate_record(null::credit_entries, $1)',
    [rows[0].entry],
  );
  return result;
}

/** Changes the stored response of an idempotency key. */
async function forged(scene) {
  const { workload, cluster, organizations } = scene;
  const [{ id }] = organizations;
  const hold = scene.journal.operations.find(
    ({ kind, state, organization }) => kind === 'hold' && state === 'done' && organization.id === id,
  );
  const faults = scene.journal.faults;
  await tamper(
    cluster,
    `update credit_keys set answer = jsonb_set(answer::jsonb, '{amount}', '"7"')::text where organization_id = $1 and key = $2`,
    [id, `hold\n${hold.key}`],
  );
  await workload.insist(hold, 0, true);
  return { expected: 'one key, two answers', found: faults };
}

/**
 * Plants faults, each in a ledger that was correct before. A harness that misses them would miss real ones too. Returns a
 * list of `{name, caught, expected, found}`.
 */
export async function controls(cluster, stripe, seed, say) {
  const results = [];
  const add = (name, { expected, found, product: own }) => {
    // Where the product can detect the fault, it must report it too.
    const caught = found.has(expected) && (own === undefined || own.length > 0);
    results.push({ name, expected, caught, found: [...found.keys()] });
    say(`  ${name}: ${caught ? 'caught' : 'NOT CAUGHT'} (${[...found.keys()].join('; ') || 'nothing found'})`);
  };
  const scene = await run(cluster, 'control', seed);
  const before = await audit(scene);
  for (const [what, details] of scene.journal.faults) before.set(what, details);
  if (before.size > 0) throw new Error(`the audit reports faults in a correct ledger: ${JSON.stringify([...before])}`);
  add('a balance off by a millionth', await balance(scene));
  add('an entry removed', await removed(scene));
  const after = await audit(scene);
  if (after.size > 0) throw new Error(`the planted faults were not reverted: ${JSON.stringify([...after])}`);
  await runControls(scene, seed, add);
  await paymentControls(scene, stripe, seed, add);
  add('a key that does nothing', await doubled(scene));
  add('another answer for a key', await forged(scene));
  add('commits acknowledged and dropped', await lost(cluster, seed + 1));
  add('synchronous_commit off and a crash', await unsynchronized(cluster, seed + 2));
  return results;
}
