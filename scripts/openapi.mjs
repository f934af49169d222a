// `npm run openapi` writes openapi.json; with --check it fails when the committed file is not what the routes say.
// Nothing is instantiated (Nest's preview mode), so it needs neither a database nor a configuration.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import 'reflect-metadata';

const { readConfig } = await import('../dist/common/config/index.js');
const { createLog } = await import('../dist/common/logging/index.js');
const { createApp } = await import('../dist/http/app.setup.js');
const { buildOpenApi } = await import('../dist/http/openapi/openapi.js');
const { AppModule } = await import('../dist/app.module.js');

const file = path.resolve(import.meta.dirname, '..', 'openapi.json');
const config = readConfig({ SECRET_KEY: 'only to read the routes, never to encrypt' });
const database = { url: 'postgres://preview.invalid/trellis', poolSize: 1 };
const app = await createApp(AppModule.with(database), config, { preview: true, log: createLog('silent') });
const text = `${JSON.stringify(buildOpenApi(app), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
  console.log('wrote openapi.json');
} else if (readOrEmpty(file) === text) {
  console.log('openapi.json: no drift');
} else {
  console.error('openapi.json is not what the routes say: run `npm run openapi`');
  process.exitCode = 1;
}

function readOrEmpty(name) {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    return '';
  }
}
