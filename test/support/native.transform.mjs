// Replaces a module by one that re-exports its native instance (native.mjs), so that test files share the modules of
// their worker instead of compiling the whole application again in each sandbox.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadNative } from './native.mjs';

const IDENTIFIER = /^[\w$]+$/;
const buildId = () => readFileSync(new URL('../../dist/.built', import.meta.url));

export default {
  process(_source, file, { supportsStaticESM }) {
    const load = `globalThis[Symbol.for('native')](${JSON.stringify(file)})`;
    if (!supportsStaticESM) return { code: `module.exports = ${load};` };
    const exported = Object.keys(loadNative(file));
    const names = exported.filter((name) => name !== 'default' && IDENTIFIER.test(name));
    const lines = [`const native = ${load};`, `export const { ${names.join(', ')} } = native;`];
    if (exported.includes('default')) lines.push('export default native.default;');
    return { code: lines.join('\n') };
  },
  // Exports of an index change without a change of its text, but never without a build.
  getCacheKey: (_source, file, { supportsStaticESM }) =>
    createHash('sha256').update(`${file} ${supportsStaticESM} `).update(buildId()).digest('hex'),
};
