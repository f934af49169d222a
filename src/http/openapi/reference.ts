import { createRequire } from 'node:module';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { errorCatalogue } from '../../common/errors/index.js';
import { INTERNAL_ERROR } from '../problems/problem.js';
import { REFERENCE_POLICY } from '../responses/security-headers.js';
import { buildOpenApi } from './openapi.js';

const ASSETS = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png']);

/** Returns the folder of Swagger UI. It is resolved from @nestjs/swagger, whose dependency it is. */
function assetsFolder(): string {
  const nestSwagger = createRequire(import.meta.url).resolve('@nestjs/swagger');
  return path.dirname(createRequire(nestSwagger).resolve('swagger-ui-dist/package.json'));
}

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? char);

/** Uses relative addresses, so that the pages work below any path of a proxy. */
const referencePage = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trellis API</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<link rel="icon" href="docs/assets/favicon-32x32.png">
</head>
<body>
<p><a href="docs/errors">What each error code means</a></p>
<div id="reference"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/** Collapses operations. The filter finds them by tag. */
const START = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: null,
  docExpansion: 'none',
  filter: true,
  defaultModelsExpandDepth: -1,
  tagsSorter: 'alpha',
});
`;

function errorsPage(): string {
  const own = { code: INTERNAL_ERROR.code, status: INTERNAL_ERROR.status, detail: INTERNAL_ERROR.detail };
  const codes = [...errorCatalogue(), own].sort((a, b) => (a.code < b.code ? -1 : 1));
  const items = codes.map(({ code, status, detail }) => {
    const id = escape(code);
    return `<dt id="${id}"><a href="#${id}"><code>${id}</code></a> ${status}</dt><dd>${escape(detail)}</dd>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trellis errors</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
dt{border-top:1px solid #ccc;padding-top:.5rem;overflow-wrap:anywhere}dd{margin:0 0 .5rem}
:target,:target+dd{background:#ffc}</style>
</head>
<body>
<h1>Errors</h1>
<p>Every error is <code>application/problem+json</code>. Programs go by <code>code</code>; <code>detail</code> is for people.
<a href="../docs">All operations</a></p>
<dl>
${items.join('\n')}
</dl>
</body>
</html>
`;
}

const sendPage = (reply: FastifyReply, page: string) =>
  reply.header('content-security-policy', REFERENCE_POLICY).type('text/html; charset=utf-8').send(page);

/** Serves `/openapi.json`, its reference page at `/docs`, and `/docs/errors` with the meaning of each code. */
export function serveReference(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  // Built at the first request, because most servers never need it.
  let document: string | undefined;
  server.get('/openapi.json', (_, reply) => {
    document ??= JSON.stringify(buildOpenApi(app));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  server.get('/docs', (_, reply) => sendPage(reply, referencePage()));
  server.get('/docs/errors', (_, reply) => sendPage(reply, errorsPage()));
  server.get('/docs/start.js', (_, reply) => reply.type('text/javascript; charset=utf-8').send(START));
  void server.register(fastifyStatic, {
    root: assetsFolder(),
    prefix: '/docs/assets/',
    allowedPath: (asset) => ASSETS.has(asset),
    index: false,
    decorateReply: false,
    maxAge: '1d',
  });
}
