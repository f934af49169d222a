// `npm run check`: all that must pass. The checks without tests run one after the other beside the tests, which wait for
// the database much of the time. With `--full` (`npm run check:full`) what takes minutes runs too: the whole access
// matrix, random and long fuzzing, chaos, and Redocly's rules for openapi.json.
import { spawn } from 'node:child_process';

// Those that take longest come first.
const CHECKS = [
  'types',
  'lint',
  'boundaries',
  'format:check',
  'openapi:check',
  'client:check',
  'webhook-events:check',
  'texts:check',
  'unused',
  'migrations:check',
];

const full = process.argv.includes('--full');
if (full) CHECKS.push('openapi:lint');
const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
    process.exitCode = 1;
  });
}

/** Runs a script of package.json; resolves to its output where that is not inherited, and whether it passed. */
function run(args, { stdio = 'pipe', env = {} } = {}) {
  const child = spawn('npm', ['run', '--silent', ...args], {
    stdio: ['ignore', stdio, stdio],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      children.delete(child);
      resolve({ passed: code === 0, output });
    });
  });
}

const failed = [];

async function runChecks() {
  for (const name of CHECKS) {
    if (process.exitCode) return;
    const begun = performance.now();
    const { passed, output } = await run([name]);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
    if (passed) continue;
    console.log(output);
    failed.push(name);
  }
}

async function runTests() {
  const steps = [['test'], ...(full ? [['fuzz', '--', '--requests', '30000']] : [])];
  for (const step of steps) {
    if (process.exitCode) return;
    const { passed } = await run(step, { stdio: 'inherit', env: { TEST_FULL: String(full) } });
    if (!passed) failed.push(step[0]);
  }
}

await Promise.all([runChecks(), runTests()]);
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
