// `npm run boundaries`: the arrows between modules, and a proof that the check can fail: in a copy of the sources
// forbidden imports are planted, each of which must be reported.
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CRUISER = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const PLANTED = [
  {
    rule: 'layer-events',
    file: 'src/events/planted-upwards.ts',
    text: "export { UnitModule } from '../units/index.js';\n",
  },
  {
    rule: 'through-the-index',
    file: 'src/units/planted-deep.ts',
    text: "export { OrganizationStore } from '../organizations/organization.store.js';\n",
  },
  {
    rule: 'entities-stay-at-home',
    file: 'src/units/planted-entity.ts',
    text: "export { User } from '../users/user.entity.js';\n",
  },
  { rule: 'no-dev-dependency', file: 'src/common/planted-dev.ts', text: "export { SMTPServer } from 'smtp-server';\n" },
];

function cruise(folder) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [CRUISER, 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'err'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  return { output: `${stdout}${stderr}`, clean: status === 0 };
}

function copyWithPlanted() {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'trellis-boundaries-'));
  for (const name of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.mjs'])
    cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  for (const { file, text } of PLANTED) writeFileSync(path.join(copy, file), text);
  return copy;
}

const real = cruise(ROOT);
if (!real.clean) {
  console.error(real.output);
  process.exit(1);
}
const copy = copyWithPlanted();
const planted = cruise(copy);
rmSync(copy, { recursive: true, force: true });
const missed = PLANTED.filter(
  ({ rule, file }) => !planted.output.split('\n').some((line) => line.includes(rule) && line.includes(file)),
);
if (missed.length > 0) {
  console.error(
    `the check did not see what was planted: ${missed.map(({ rule }) => rule).join(', ')}\n${planted.output}`,
  );
  process.exit(1);
}
console.log(`boundaries: clean, and all ${PLANTED.length} planted faults were seen`);
