// `npm run boundaries`: checks the order of the modules, the imports between them and that no folders import each other
// in a circle. It checks a copy of the sources with one planted fault for each rule, and fails unless each is reported.
// `-- --write` also writes the order into CONTRIBUTING.md.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { APART, MODULES, ORDER } from '../.dependency-cruiser.mjs';
import { folderCycles } from './folder-cycles.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CRUISER = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const TOP = MODULES.at(-1);

function cruise(folder) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [CRUISER, 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1024 * 1024 * 1024 },
  );
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`dependency-cruiser failed:\n${stderr || stdout}`);
  }
}

/** Returns the violations in `modules` as `{ rule, from, to }`. */
const violationsIn = (modules) => [
  ...modules.flatMap(({ source, dependencies }) =>
    dependencies.flatMap(({ resolved, rules = [] }) =>
      rules.map(({ name }) => ({ rule: name, from: source, to: resolved })),
    ),
  ),
  ...folderCycles(modules).map((cycle) => ({ rule: 'no-cycle-of-folders', ...cycle })),
];

/** Leaves out files and all imports of them. */
const without = (modules, files) =>
  modules
    .filter(({ source }) => !files.has(source))
    .map((module) => ({ ...module, dependencies: module.dependencies.filter(({ resolved }) => !files.has(resolved)) }));

const pathTo = (from, to) => `${'../'.repeat(from.split('/').length)}${to}`;
const importing = (from, to) => `export * as planted from '${pathTo(from, to)}';\n`;

/** A file of a module that is not its index. */
function insideOf(module) {
  const folder = path.join(ROOT, 'src', module);
  const file = readdirSync(folder).find((name) => name.endsWith('.ts') && !/^index\.|\.spec\./.test(name));
  return `${module}/${file.replace(/ts$/, 'js')}`;
}

function faults() {
  const planted = [];
  const plant = (rule, file, text) => planted.push({ rule, file: `src/${file}`, text });
  for (const module of MODULES) {
    const index = ORDER.findIndex((entry) => [entry].flat().includes(module));
    const forbidden = [ORDER[index]].flat().find((other) => other !== module) ?? [ORDER[index + 1]].flat()[0];
    if (forbidden) plant(`order-${module}`, `${module}/planted-upwards.ts`, importing(module, `${forbidden}/index.js`));
    if (module !== 'common') {
      const from = module === TOP ? 'http' : TOP;
      plant(`index-${module}`, `${from}/planted-${module.replace('/', '-')}.ts`, importing(from, insideOf(module)));
    }
  }
  for (const [one, other] of APART) {
    const [from, to] = [one, other].map((group) => MODULES.find((module) => `${module}/`.startsWith(`${group}/`)));
    plant(`${one}-apart-from-${other}`, `${from}/planted-apart.ts`, importing(from, `${to}/index.js`));
  }
  plant('index-of-common', 'events/planted-common.ts', importing('events', 'common/ids/planted-room.js'));
  plant('entities-stay-at-home', 'units/planted-entity.ts', importing('units', 'users/user.entity.js'));
  plant('entities-for-typeorm-only', 'database/planted-entities.ts', "export * as planted from './entities.js';\n");
  plant('start-up-of-the-database', 'planted.ts', "export * as planted from './database/reader.js';\n");
  plant('nothing-outside-the-order', 'units/planted-outside.ts', importing('units', 'planted/planted.js'));
  plant('no-dev-dependency', 'common/planted-dev.ts', "export { SMTPServer } from 'smtp-server';\n");
  plant('no-undeclared-dependency', 'common/planted-unknown.ts', "export * as planted from 'no-such-package';\n");
  plant('no-cycle-of-files', 'units/planted-one.ts', "import './planted-two.js';\nexport const one = 1;\n");
  // Types alone, two folders deep: the weakest circle that must still be seen.
  plant('no-cycle-of-folders', 'units/deep/a/planted-a.ts', "export type { B } from '../b/planted-b.js';\n");
  return planted;
}

/** Files that planted faults need and that break no rule by themselves. */
const BESIDE = {
  'src/common/ids/planted-room.ts': 'export const room = 1;\n',
  'src/planted/planted.ts': 'export const outside = 1;\n',
  'src/units/planted-two.ts': "import './planted-one.js';\nexport const two = 2;\n",
  'src/units/deep/b/planted-b.ts': "export type B = 1;\nexport type { C } from '../a/planted-c.js';\n",
  'src/units/deep/a/planted-c.ts': 'export type C = 1;\n',
};

function copyWith(planted) {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'trellis-boundaries-'));
  for (const name of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.mjs'])
    cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const texts = { ...BESIDE, ...Object.fromEntries(planted.map(({ file, text }) => [file, text])) };
  for (const [file, text] of Object.entries(texts)) {
    cpSync(path.join(ROOT, 'package.json'), path.join(copy, file), { recursive: true });
    writeFileSync(path.join(copy, file), text);
  }
  return copy;
}

const BLOCK = /(<!-- modules:begin -->\n)[^]*?(<!-- modules:end -->)/;

/** The order as CONTRIBUTING.md shows it. */
function orderText() {
  const lines = ORDER.map((entry, index) => `${String(index + 1).padStart(2)}  ${[entry].flat().join('  |  ')}`);
  return `\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n\n`;
}

function checkContributing(write) {
  const file = path.join(ROOT, 'CONTRIBUTING.md');
  const text = readFileSync(file, 'utf8');
  const right = text.replace(BLOCK, (_, begin, end) => `${begin}${orderText()}${end}`);
  if (right === text) return;
  if (!write) throw new Error('CONTRIBUTING.md shows another order of modules: run `npm run boundaries -- --write`');
  writeFileSync(file, right);
}

const show = ({ rule, from, to }) => `  ${rule}: ${from} → ${to}`;

const planted = faults();
const copy = copyWith(planted);
const { modules } = cruise(copy);
rmSync(copy, { recursive: true, force: true });
const added = new Set([...planted.map(({ file }) => file), ...Object.keys(BESIDE)]);
const real = violationsIn(without(modules, added));
if (real.length > 0) {
  console.error(`${real.length} forbidden imports:\n${real.map(show).join('\n')}`);
  process.exit(1);
}
checkContributing(process.argv.includes('--write'));
const seen = violationsIn(modules);
const missed = planted.filter(({ rule, file }) => !seen.some((one) => one.rule === rule && one.from === file));
if (missed.length > 0) {
  console.error(`the check did not report:\n${missed.map(({ rule, file }) => `  ${rule}: ${file}`).join('\n')}`);
  process.exit(1);
}
console.log(`boundaries: clean, and all ${planted.length} planted faults were reported`);
