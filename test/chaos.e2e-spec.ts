import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/*
 * A short run of `npm run chaos`: two servers on one PostgreSQL, all three killed again and again while they move
 * credits, take payments and charge runs. Planted faults show that the test detects real ones.
 */

/** How long a run takes depends on the machine, but one that says nothing for so long hangs. */
const SILENCE_MS = 240_000;
const LIMIT_MS = 30 * 60_000;

let folder: string;
let output = '';
let report: any;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'trellis-chaos-report-'));
  const file = path.join(folder, 'report.json');
  const child = spawn(process.execPath, ['scripts/chaos.mjs', '--report', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const watch = setTimeout(() => child.kill('SIGTERM'), SILENCE_MS);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
      watch.refresh();
    });
  }
  await once(child, 'close');
  clearTimeout(watch);
  report = JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));
  if (!report) throw new Error(`npm run chaos did not come to its end:\n${output}`);
}, LIMIT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('killed servers lose nothing that was acknowledged and do nothing twice', () => {
  if (Object.keys(report.faults).length > 0) throw new Error(output);
  expect(report.kills.server).toBeGreaterThanOrEqual(20);
  expect(report.kills.postgres).toBeGreaterThanOrEqual(5);
  expect(report.kills.stop).toBeGreaterThanOrEqual(1);
  // The run must have been busy, and interrupted in the middle.
  expect(report.acknowledged).toBeGreaterThan(500);
  expect(Object.keys(report.kinds).sort()).toEqual(['capture', 'charge', 'grant', 'hold', 'refund', 'void']);
  expect(report.lost).toBeGreaterThan(20);
});

it('payments, refunds and disputes are booked once, whatever is killed and whatever order their events arrive in', () => {
  if (Object.keys(report.faults).length > 0) throw new Error(output);
  const { payments } = report;
  const kinds = ['paid', 'automatic', 'debited', 'declined', 'refunded', 'refundFailed', 'disputeWon', 'disputeLost'];
  expect(kinds.filter((kind) => !(payments[kind] > 0))).toEqual([]);
  // Events were repeated, and the stand-in for Stripe failed now and then.
  expect(payments.repeated).toBeGreaterThan(0);
  expect(payments.troubles).toBeGreaterThan(0);
});

it('runs are charged once for each second, and workloads are told what they were charged', () => {
  if (Object.keys(report.faults).length > 0) throw new Error(output);
  const { runs } = report;
  const kinds = ['stopped', 'lost', 'credits_exhausted', 'access_removed', 'refused'];
  expect(kinds.filter((kind) => !(runs[kind] > 0))).toEqual([]);
});

it.each([
  'a balance off by a millionth',
  'an entry removed',
  'a run charged twice',
  'a settlement of a run missing',
  'a run started twice',
  'an answered run missing',
  'a run charged more than it answered',
  'credits held for a run that ended',
  'a run that never ended',
  'a payment without its grant',
  'a payment granted twice',
  'a refund that took nothing back',
  'credits withheld without a dispute',
  'a receipt number missing',
  'a receipt number given twice',
  'a top-up in another state',
  'an answered top-up missing',
  'a refund that was never reported',
  'a lost dispute that was never reported',
  'credits for a payment that never came',
  'a payer charged twice',
  'a key that does nothing',
  'another answer for a key',
  'commits acknowledged and dropped',
  'synchronous_commit off and a crash',
])('the audit detects %s', (name) => {
  const control = report.controls.find((one: { name: string }) => one.name === name);
  expect(control).toMatchObject({ caught: true, found: expect.arrayContaining([control.expected]) });
});
