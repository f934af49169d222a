// Loads modules outside jest's sandbox, once per worker. A file of src/ stands for what it is built into in dist/.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

/** @param {string} file a source file, or a file of a package */
export function loadNative(file) {
  const source = /^src\/(.+)\.tsx?$/.exec(path.relative(ROOT, file).replaceAll('\\', '/'));
  return require(source ? path.join(ROOT, 'dist', `${source[1]}.js`) : file);
}
