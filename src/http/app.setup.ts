import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Config, ConfigModule } from '../common/config/index.js';
import { commonErrors } from '../common/errors/index.js';
import { isScimPath, SCIM_BODY_LIMIT, SCIM_TYPE } from './scim.js';
import { readForms } from './requests/form-body.js';
import { parseJsonBody } from './requests/json-body.js';
import { proxyCheck } from './requests/proxy-check.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { REQUEST_PROPERTIES } from './requests/request.js';
import { RequestLimiter } from './requests/request-limiter.js';
import { RouteTable } from './requests/route-table.js';
import { securityHeaders } from './responses/security-headers.js';
import { StrictRequestGuard } from './requests/strict-request.guard.js';
import { allowOrigins } from './responses/cors.js';
import { locate } from './responses/location.hook.js';
import { tagEntity } from './responses/entity-tag.hook.js';
import { ValidationPipe } from './requests/validation.pipe.js';
import { AccessLog, createLog, type Log, LoggingModule, NestLog } from '../common/logging/index.js';
import { Metrics, MetricsModule } from '../common/metrics/index.js';
import { HealthModule, Shutdown } from './health/index.js';
import { type Account, HttpAdapter, MAX_PARAM_LENGTH } from './http-adapter.js';
import { serveReference } from './openapi/reference.js';

/** Routes that still respond while the server shuts down. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

export interface AppOptions {
  log?: Log;
  /** Instantiates nothing. This is enough to read the routes and needs no database. */
  preview?: boolean;
}

type RootModule = Type | DynamicModule;

/** Provides what every module can inject. */
class GlobalModule {
  static around(rootModule: RootModule, config: Config, log: Log, shutdown: Shutdown): DynamicModule {
    return {
      module: GlobalModule,
      global: true,
      imports: [
        ConfigModule.with(config),
        LoggingModule.with(log),
        MetricsModule,
        HealthModule.with(shutdown),
        rootModule,
      ],
      providers: [RequestLimiter],
      exports: [RequestLimiter],
    };
  }
}

/** Accepts JSON, multipart/form-data where a handler reads files, and forms where a route accepts them. SCIM JSON has its own media type. */
function readJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = (request: FastifyRequest, body: Buffer, done: (error: Error | null, body?: unknown) => void): void => {
    const scim = (request.headers['content-type'] ?? '').toLowerCase().startsWith(SCIM_TYPE);
    if (scim && !isScimPath(request.raw.url ?? '')) return done(commonErrors.unsupported_media_type());
    request.rawBody = body;
    try {
      done(null, parseJsonBody(body));
    } catch (error) {
      done(error as Error);
    }
  };
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, parse);
  server.addContentTypeParser(SCIM_TYPE, { parseAs: 'buffer' }, parse);
}

/** Tells whether a path contains control characters. No name does, and the database would reject the lookup. */
const hasControlCharacter = (url: string): boolean => /^[^?]*%(?:[01][0-9a-f]|7f)/i.test(url);

const hasNoBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

/** Sets headers on every request and rejects requests that need no handler. */
function admit(server: FastifyInstance, config: Config, shutdown: Shutdown, routes: RouteTable, log: Log): void {
  const headers = securityHeaders(config);
  const checkProxy = proxyCheck({
    trustsProxy: config.trustProxy !== undefined,
    warn: (message) => log.warn({}, message),
  });
  server.addHook('onRoute', (route) => {
    routes.add(route);
    if (isScimPath(route.url)) route.bodyLimit = SCIM_BODY_LIMIT;
  });
  for (const property of REQUEST_PROPERTIES) server.decorateRequest(property, undefined);

  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    checkProxy(request.raw.url ?? '', request.headers);
    // Ignores the content type of a missing body, because some clients send one anyway.
    if (hasNoBody(request)) delete request.headers['content-type'];
    if (shutdown.begun && !PROBES.has(request.routeOptions.url ?? '')) {
      reply.header('connection', 'close');
      return done(commonErrors.unavailable({ retryAfterSeconds: 1 }));
    }
    if (request.raw.httpVersion === '1.1' && !request.headers.host) {
      return done(commonErrors.malformed_request({ detail: 'The Host header is missing.' }));
    }
    const url = request.raw.url ?? '';
    if (hasControlCharacter(url)) return done(commonErrors.not_found());
    if (!request.is404) return done();
    const allowed = routes.methodsOf(url);
    if (allowed.length === 0) return done(commonErrors.not_found());
    reply.header('allow', allowed.join(', '));
    done(commonErrors.method_not_allowed());
  });
}

/** Records each request in the log and metrics once its response is sent. */
function accountFor(log: Log, metrics: Metrics): Account {
  const accessLog = new AccessLog(log);
  return (request, reply) => {
    metrics.observeRequest(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime / 1000);
    accessLog.write(request, reply);
  };
}

/** Closes connections that become idle during the shutdown. Node closes idle connections only once, when the server stops. */
function closeConnectionsOnShutdown(server: FastifyInstance, shutdown: Shutdown): void {
  server.addHook('onResponse', (_request, _reply, done) => {
    if (shutdown.begun) setImmediate(() => server.server.closeIdleConnections());
    done();
  });
}

/**
 * Creates the application without listening: `rootModule` with everything that applies to all requests. The server, the
 * tests and the generator of openapi.json use it. `close()` waits for running requests, responds with 503 to new ones and
 * then runs the modules' `onApplicationShutdown`. It handles no process signals.
 */
export async function createApp(
  rootModule: RootModule,
  config: Config,
  options: AppOptions = {},
): Promise<NestFastifyApplication> {
  const log = options.log ?? createLog(config.logLevel);
  const shutdown = new Shutdown();
  const adapter = new HttpAdapter(config, shutdown);
  const app = await NestFactory.create<NestFastifyApplication>(
    GlobalModule.around(rootModule, config, log, shutdown),
    adapter,
    {
      logger: new NestLog(log.child({ module: 'nest' })),
      abortOnError: false,
      bodyParser: false,
      preview: options.preview ?? false,
    },
  );
  if (options.preview) return app;
  const server = app.getHttpAdapter().getInstance();
  // Accepts unknown expectations: Node's own rejection is not a problem document and blocks the connection.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  readJson(server);
  readForms(server);
  const routes = new RouteTable(MAX_PARAM_LENGTH);
  await allowOrigins(server, config.corsOrigins);
  admit(server, config, shutdown, routes, log);
  adapter.account = accountFor(log, app.get(Metrics));
  server.addHook('onResponse', (request, reply, done) => {
    adapter.account?.(request, reply);
    done();
  });
  closeConnectionsOnShutdown(server, shutdown);
  server.addHook('preSerialization', tagEntity);
  server.addHook('preSerialization', locate(routes));
  app.useGlobalFilters(new ProblemFilter(log));
  // After the guards of the modules, so that access is checked first.
  app.useGlobalGuards(new StrictRequestGuard());
  app.useGlobalPipes(new ValidationPipe());
  serveReference(app);
  return app;
}
