// `npm run chaos [-- --long --seed N --kills-server N --kills-postgres N --stops N --seconds N]`: two servers on one
// PostgreSQL, all of our own, moving credits while they are killed and their connections cut; then the books are gone
// through. Then the same with faults in the books, which must be found. Fails on anything lost, doubled or wrong.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chaos } from '../test/chaos/chaos.mjs';
import { Cluster } from '../test/chaos/cluster.mjs';
import { controls } from '../test/chaos/controls.mjs';
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
    // As JSON, for who reads it by program.
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
const cluster = await Cluster.start();
let failed = true;
try {
  const begun = performance.now();
  const report = await chaos(cluster, options);
  report.seconds = Math.round((performance.now() - begun) / 1000);
  console.log(textOf(report));
  if (!values['no-controls']) {
    console.log('\nFaults brought about on purpose:');
    report.controls = await controls(cluster, seed, console.log);
  }
  failed = Object.keys(report.faults).length > 0 || (report.controls ?? []).some(({ caught }) => !caught);
  console.log(failed ? `\nFAILED with seed ${seed}` : '\nNothing lost, nothing doubled, every balance right.');
  if (values.report !== undefined) await writeFile(values.report, JSON.stringify(report));
  if (failed) process.exitCode = 1;
} finally {
  await cluster.stop({ keepLogs: failed });
  if (failed) console.log(`What the servers logged is in ${cluster.folder}.`);
}

function textOf({ kills, cuts, recovery, faults, kinds, ...report }) {
  const lines = [
    `${report.seconds} s: ${kills.server} servers and ${kills.postgres} PostgreSQL killed, ${kills.stop} servers stopped, ${cuts} connections cut about a COMMIT`,
    `operations: ${report.acknowledged} acknowledged, ${report.refused} refused, ${report.unknown} not known until asked again`,
    `done: ${Object.entries(kinds)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
    `${report.retries} retries: ${report.lost} answers lost, ${report.unavailable} times 503; ${report.replays} answers given again`,
    `worst recovery after PostgreSQL was killed: ${recovery.whole} ms, of which ${recovery.own} ms after it was there again`,
    ...(report.failedStarts > 0 ? [`${report.failedStarts} starts of a server failed and were repeated`] : []),
    ...Object.entries(faults).flatMap(([what, details]) => [
      `FAULT ${what}: ${details.length} times`,
      ...details.slice(0, 5).map((detail) => `  ${detail}`),
    ]),
  ];
  return lines.join('\n');
}
