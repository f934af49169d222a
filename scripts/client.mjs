// `npm run client` generates client/src/generated from openapi.json. `npm run client:check` fails when it is out of date
// or was edited by hand. Generation takes 20 seconds, so the folder holds a hash of what it was made from and of what was
// made, and neither command generates anything while both are unchanged.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './drift.mjs';

const FOLDER = path.join(root, 'client/src/generated');
const STAMP = path.join(FOLDER, '.hash');
const GENERATOR = 'node_modules/@hey-api/openapi-ts';

function hashOf(files) {
  const hash = createHash('sha256');
  // A checkout on Windows may have converted the ends of lines.
  for (const file of files)
    hash.update(`${file}\n`).update(readFileSync(path.join(root, file), 'utf8').replaceAll('\r', ''));
  return hash.digest('hex');
}

const inputs = () =>
  hashOf(['openapi.json', 'client/openapi-ts.config.mjs', 'scripts/client.mjs', `${GENERATOR}/package.json`]);

function outputs() {
  if (!existsSync(FOLDER)) return '';
  const names = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith('.ts'));
  return hashOf(names.map((name) => `client/src/generated/${name.replaceAll(path.sep, '/')}`).sort());
}

const stamp = () => `from ${inputs()}\nfiles ${outputs()}\n`;
const isCurrent = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8').replaceAll('\r', '') === stamp();

/** Writes what each operation requires, for programs that show only what the user may do. */
function writeRequirements() {
  const { paths } = JSON.parse(readFileSync(path.join(root, 'openapi.json'), 'utf8'));
  const lines = Object.values(paths)
    .flatMap((item) => Object.values(item))
    .filter((operation) => operation.operationId && operation['x-requires'])
    .map(
      ({ operationId, 'x-requires': requires }) =>
        `export const ${operationId} = ${JSON.stringify(requires)} as const;`,
    )
    .sort();
  writeFileSync(
    path.join(FOLDER, 'requires.ts'),
    `// Generated from openapi.json by \`npm run client\`.\n\n${lines.join('\n')}\n`,
  );
}

function generate() {
  const bin = path.join(root, GENERATOR, 'bin/run.js');
  const args = [bin, '-f', 'client/openapi-ts.config.mjs', '--silent', '--no-log-file'];
  // Shown after a failure only: it warns of parts of the document that need no filter.
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    console.error(`${stdout}${stderr}`);
    return false;
  }
  writeRequirements();
  writeFileSync(STAMP, stamp());
  return true;
}

if (isCurrent()) console.log('client: no drift');
else if (process.argv.includes('--check')) {
  console.error('client/src/generated is out of date: run `npm run client`');
  process.exitCode = 1;
} else if (generate()) console.log('wrote client/src/generated');
else process.exitCode = 1;
