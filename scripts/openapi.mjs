// `npm run openapi` writes openapi.json, docs/routes.md and the client that is generated from it; with --check it fails when a committed file is out of date.
import { writeOrCheck } from './drift.mjs';
import { app } from './preview-app.mjs';

const { buildOpenApi } = await import('../dist/http/openapi/openapi.js');

writeOrCheck('openapi.json', `${JSON.stringify(buildOpenApi(app), null, 2)}\n`, 'npm run openapi');
await import('./routes.mjs');
// `npm run client:check` checks it.
if (!process.argv.includes('--check')) await import('./client.mjs');
