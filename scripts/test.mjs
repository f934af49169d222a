// `npm test [-- jest options]`: builds when sources changed, starts a database and runs jest beside it. With
// TEST_RESULTS=FILE the results go there as JSON too.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startTestDatabase } from '../test/support/database.mjs';
import { buildIfStale } from './build-if-stale.mjs';

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const results = process.env.TEST_RESULTS ? ['--json', `--outputFile=${process.env.TEST_RESULTS}`] : [];

await buildIfStale({ console: true });
const database = await startTestDatabase();
const child = spawn(process.execPath, [...flags, jest, ...results, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TEST_SERVER_URL: database.url },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  void database.stop().finally(() => process.exit(code ?? 1));
});
