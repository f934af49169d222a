import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/*
 * A short run of `npm run chaos`: two servers on one PostgreSQL, all three killed again and again while they move
 * credits. Planted faults show that the test detects real ones.
 */
const LIMIT_MS = 300_000;

let folder: string;
let output = '';
let report: any;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'trellis-chaos-report-'));
  const file = path.join(folder, 'report.json');
  const child = spawn(process.execPath, ['scripts/chaos.mjs', '--report', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  await once(child, 'close');
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

it.each([
  'a balance off by a millionth',
  'an entry removed',
  'a key that does nothing',
  'another answer for a key',
  'commits acknowledged and dropped',
  'synchronous_commit off and a crash',
])('the audit detects %s', (name) => {
  const control = report.controls.find((one: { name: string }) => one.name === name);
  expect(control).toMatchObject({ caught: true, found: expect.arrayContaining([control.expected]) });
});
