// `npm test [-- jest options]`: jest in native ESM. With TEST_RESULTS=FILE the counts go there as JSON too.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const results = process.env.TEST_RESULTS ? ['--json', `--outputFile=${process.env.TEST_RESULTS}`] : [];
const child = spawn(process.execPath, [...flags, jest, ...results, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
