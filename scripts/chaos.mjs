// `npm run chaos [-- --long --seed N --kills-server N --kills-postgres N --stops N --seconds N]`
//
// Starts two servers and a PostgreSQL, moves credits, buys some from a stand-in for Stripe, and charges runs while they are killed and their
// connections are cut. Then audits the ledger, and compares it with the stand-in. Afterwards it plants faults, which the audit
// must find. Fails if anything is lost, doubled or wrong.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chaos } from '../test/chaos/chaos.mjs';
import { Cluster } from '../test/chaos/cluster.mjs';
import { controls } from '../test/chaos/controls.mjs';
import { Stripe } from '../test/chaos/payments/stripe.mjs';
import { buildIfStale } from './build-if-stale.mjs';

const SHORT = { server: 20, postgres: 5, stop: 2, seconds: 10 };
const LONG = { server: 500, postgres: 50, stop: 20, seconds: 600 };

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    seed: { type: 'string' },
    'kills-server': { type: 'string' },
    'kills-postgres': { type: 'string' },
    stops: { type: 'string' },
    seconds: { type: 'string' },
    'no-controls': { type: 'boolean', default: false },
    // Keeps the logs of the servers of a run that passes.
    'keep-logs': { type: 'boolean', default: false },
    // File for a report in JSON.
    report: { type: 'string' },
  },
});
const usual = values.long ? LONG : SHORT;
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const options = {
  seed,
  server: Number(values['kills-server'] ?? usual.server),
  postgres: Number(values['kills-postgres'] ?? usual.postgres),
  stop: Number(values.stops ?? usual.stop),
  seconds: Number(values.seconds ?? usual.seconds),
  say: (line) => console.error(line),
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

await buildIfStale(options);
console.log(
  `seed ${seed}: ${options.server} kills of a server, ${options.postgres} of PostgreSQL, ${options.stop} stops`,
);
const stripe = new Stripe(seed);
await stripe.listen();
const cluster = await Cluster.start(stripe.variables);
let failed = true;
try {
  const begun = performance.now();
  const report = await chaos(cluster, stripe, options);
  report.seconds = Math.round((performance.now() - begun) / 1000);
  console.log(textOf(report));
  if (!values['no-controls']) {
    console.log('\nPlanted faults:');
    report.controls = await controls(cluster, stripe, seed, console.log);
  }
  failed = Object.keys(report.faults).length > 0 || (report.controls ?? []).some(({ caught }) => !caught);
  console.log(failed ? `\nFAILED with seed ${seed}` : '\nNothing lost, nothing doubled, all balances correct.');
  if (values.report !== undefined) await writeFile(values.report, JSON.stringify(report));
  if (failed) process.exitCode = 1;
} finally {
  stripe.close();
  const keepLogs = failed || values['keep-logs'];
  await cluster.stop({ keepLogs });
  if (keepLogs) console.log(`Server logs: ${cluster.folder}`);
}

function textOf({ kills, cuts, recovery, faults, kinds, payments, runs, ...report }) {
  const counted = (counts) =>
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  const lines = [
    `${report.seconds} s: ${kills.server} servers and ${kills.postgres} PostgreSQL killed, ${kills.stop} servers stopped, ${cuts} connections cut around a COMMIT`,
    `operations: ${report.acknowledged} acknowledged, ${report.refused} refused, ${report.unknown} unknown until retried`,
    `done: ${counted(kinds)}`,
    `payments: ${counted(payments)}`,
    `runs: ${counted(runs)}`,
    `${report.retries} retries: ${report.lost} responses lost, ${report.unavailable} times 503; ${report.replays} responses replayed`,
    `slowest recovery after PostgreSQL was killed: ${recovery.whole} ms, of which ${recovery.own} ms after it was back`,
    ...(report.failedStarts > 0 ? [`${report.failedStarts} server starts failed and were retried`] : []),
    ...Object.entries(faults).flatMap(([what, details]) => [
      `FAULT ${what}: ${details.length} times`,
      ...details.slice(0, 5).map((detail) => `  ${detail}`),
    ]),
  ];
  return lines.join('\n');
}
