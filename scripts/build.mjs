// `npm run build:server`: compiles src/ to dist/ with swc, which takes two seconds where tsc takes twenty. Types are checked by
// `npm run types`. What is not TypeScript is copied; what src/ no longer has is removed.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = path.join(ROOT, 'src');
const DIST = path.join(ROOT, 'dist');
const SKIPPED = /\.(spec|d)\.tsx?$|\.md$/;

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));

async function compile(name, target) {
  const { code, map } = await transformFile(path.join(SRC, name), {
    configFile: path.join(ROOT, '.swcrc'),
    sourceMaps: true,
    sourceFileName: path.relative(path.dirname(target), path.join(SRC, name)),
    ...(name.endsWith('x') && { jsc: { parser: { syntax: 'typescript', tsx: true, decorators: true } } }),
  });
  writeFileSync(target, `${code}//# sourceMappingURL=${path.basename(target)}.map\n`);
  writeFileSync(`${target}.map`, map);
}

const built = new Set();
await Promise.all(
  filesOf(SRC)
    .filter((name) => !SKIPPED.test(name))
    .map(async (name) => {
      const output = name.replace(/\.tsx?$/, '.js');
      const target = path.join(DIST, output);
      mkdirSync(path.dirname(target), { recursive: true });
      built.add(output);
      if (output === name) return copyFileSync(path.join(SRC, name), target);
      built.add(`${output}.map`);
      await compile(name, target);
    }),
);
// Files that begin with a dot belong to build-if-stale.mjs.
for (const name of filesOf(DIST))
  if (!built.has(name) && !path.basename(name).startsWith('.')) rmSync(path.join(DIST, name), { force: true });
