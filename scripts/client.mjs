// `npm run openapi:client`, a part of `npm run check:full`: openapi.json passes the recommended rules of Redocly, and a
// client that is generated from it compiles under `strict`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';

const folder = mkdtempSync(path.resolve('node_modules', '.client-'));
const PLUGINS = ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch'];
const STRICT = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler'];
const steps = [
  ['redocly', 'lint', 'openapi.json', '--extends', 'recommended'],
  ['openapi-ts', '-i', 'openapi.json', '-o', folder, '-p', ...PLUGINS, '--silent', '--no-log-file'],
  [
    'tsc',
    '--ignoreConfig',
    ...STRICT,
    '--lib',
    'es2023,dom,dom.iterable',
    '--types',
    'node',
    path.join(folder, 'index.ts'),
  ],
];
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
try {
  for (const [bin, ...args] of steps) {
    const { status } = spawnSync('npx', ['--no-install', bin, ...args], { stdio: 'inherit', env });
    if (status !== 0) {
      console.error(`${bin} found errors`);
      process.exitCode = 1;
      break;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
