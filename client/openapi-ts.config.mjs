// Configures `npm run client`. Almost every path begins with /t/{operator}/api/v1. This is the base URL of a client, so that
// no call takes the operator as an argument. What lies outside it (platform, health) is a second, small client.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@hey-api/openapi-ts';

const BASE = '/t/{operator}/api/v1';
const document = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));

const withPaths = (entries) => ({ ...document, paths: Object.fromEntries(entries) });
const paths = Object.entries(document.paths);
// SCIM is spoken by identity providers, in a dialect of its own.
const below = paths.filter(([path]) => path.startsWith(BASE) && !path.includes('/scim/'));
const beside = paths.filter(([path]) => !path.startsWith(BASE));

function withoutOperator(item) {
  return Object.fromEntries(
    Object.entries(item).map(([method, operation]) => [
      method,
      { ...operation, parameters: operation.parameters?.filter(({ name }) => name !== 'operator') },
    ]),
  );
}

const shared = { parser: { filters: { orphans: false } }, logs: { level: 'silent', file: false } };
const plugins = (...more) => [
  { name: '@hey-api/client-fetch', throwOnError: true },
  '@hey-api/typescript',
  '@hey-api/sdk',
  ...more,
];
const output = (name) => ({
  path: fileURLToPath(new URL(`./src/generated/${name}`, import.meta.url)),
  clean: true,
  importFileExtension: '.js',
});
// Endless lists use `pages()` of the console, because the generated options send an empty cursor, which is refused.
const query = {
  name: '@tanstack/react-query',
  infiniteQueryKeys: false,
  infiniteQueryOptions: false,
  mutationOptions: false,
};

export default defineConfig([
  {
    input: withPaths(below.map(([path, item]) => [path.slice(BASE.length), withoutOperator(item)])),
    output: output('api'),
    plugins: plugins(query),
    ...shared,
  },
  { input: withPaths(beside), output: output('platform'), plugins: plugins(), ...shared },
]);
