import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { type Config, ConfigModule } from './common/config/index.js';
import { commonErrors } from './common/errors/index.js';
import {
  parseJsonBody,
  ProblemFilter,
  REQUEST_PROPERTIES,
  RequestLimiter,
  requestIdOf,
  RouteTable,
  securityHeaders,
  sendProblem,
  StrictRequestGuard,
  tagEntity,
  ValidationPipe,
} from './common/http/index.js';
import { answerTo } from './common/http/refusal.js';
import { AccessLog, createLog, type Log, LoggingModule, NestLog } from './common/logging/index.js';
import { Metrics, MetricsModule } from './common/metrics/index.js';
import { HealthModule, Shutdown } from './health/index.js';
import { serveReference } from './reference.js';

const MIB = 1024 * 1024;
const BODY_LIMIT_BYTES = MIB;
/** One more than an upload may have, so that a file of exactly the limit passes and one byte more is told apart. */
const FILE_LIMIT_BYTES = 512 * 1024 + 1;
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 15_000;
const SILENCE_TIMEOUT_MS = 60_000;
/** Longer than load balancers keep an idle connection, so that they and not we close it. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Less than the 30 s orchestrators allow a process between SIGTERM and SIGKILL. */
const SHUTDOWN_LIMIT_MS = 20_000;
const MAX_PARAM_LENGTH = 300;
/** What is still answered while the server shuts down. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

export interface AppOptions {
  log?: Log;
  /** Nothing is instantiated: enough to read the routes, without a database. */
  preview?: boolean;
}

type RootModule = Type | DynamicModule;

class Frame {
  static around(rootModule: RootModule, config: Config, log: Log, shutdown: Shutdown): DynamicModule {
    return {
      module: Frame,
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

/** TRUST_PROXY is `true`, a number of proxies, or their addresses. */
function trustProxy({ trustProxy: given }: Config): FastifyServerOptions['trustProxy'] {
  if (typeof given !== 'string' || !/^\d+$/.test(given)) return given;
  const proxies = Number(given);
  return (_, hop) => hop < proxies;
}

type Account = (request: FastifyRequest, reply: FastifyReply) => void;

class Adapter extends FastifyAdapter {
  /** Told of the answers for which Fastify runs no hooks. */
  account: Account | undefined;

  constructor(
    config: Config,
    private readonly shutdown: Shutdown,
  ) {
    super({
      trustProxy: trustProxy(config),
      bodyLimit: BODY_LIMIT_BYTES,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionTimeout: SILENCE_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      http: { headersTimeout: HEADERS_TIMEOUT_MS },
      routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
      forceCloseConnections: 'idle',
      // Ours is a problem document; see `admit`.
      return503OnClosing: false,
      genReqId: requestIdOf,
      frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
        reply.raw.once('finish', () => this.account?.(request, reply));
        reply.headers(securityHeaders(config));
        sendProblem(request, reply, answerTo(error).refusal);
      },
      multipart: {
        limits: { fileSize: FILE_LIMIT_BYTES, files: 1, fields: 5, parts: 6, fieldSize: 64 * 1024, headerPairs: 20 },
      },
      // No middleware: it has been bypassed by odd paths before, and every request would pay for it.
      skipMiddie: true,
    });
  }

  override beforeClose(): void {
    this.shutdown.begin();
    super.beforeClose();
  }

  override async close(): Promise<void> {
    // Whoever is still sending or reading by then does not keep the server from stopping.
    const limit = setTimeout(() => this.instance.server.closeAllConnections(), SHUTDOWN_LIMIT_MS);
    try {
      await super.close();
    } finally {
      clearTimeout(limit);
    }
  }
}

/** Only JSON, and multipart/form-data where a handler takes files. */
function readJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.rawBody = body;
    try {
      done(null, parseJsonBody(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** No name has control characters, and the database would refuse the lookup. */
const hasControlCharacter = (url: string): boolean => /^[^?]*%(?:[01][0-9a-f]|7f)/i.test(url);

const hasNoBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

/** What every request meets before anything else: headers, then the refusals that need no handler. */
function admit(server: FastifyInstance, config: Config, shutdown: Shutdown): void {
  const headers = securityHeaders(config);
  const routes = new RouteTable(MAX_PARAM_LENGTH);
  server.addHook('onRoute', (route) => routes.add(route));
  for (const property of REQUEST_PROPERTIES) server.decorateRequest(property, undefined);

  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    // A body that is not there has no type: some clients send one all the same.
    if (hasNoBody(request)) delete request.headers['content-type'];
    if (shutdown.begun && !PROBES.has(request.routeOptions.url ?? '')) {
      reply.header('connection', 'close');
      return done(commonErrors.unavailable({ retryAfterSeconds: 1 }));
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

/** What is written down of every request once its answer is out. */
function accountFor(log: Log, metrics: Metrics): Account {
  const accessLog = new AccessLog(log);
  return (request, reply) => {
    metrics.observeRequest(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime / 1000);
    accessLog.write(request, reply);
  };
}

/** Node closes idle connections once, when the server stops; those that become idle later would hold it open. */
function closeConnectionsOnShutdown(server: FastifyInstance, shutdown: Shutdown): void {
  server.addHook('onResponse', (_request, _reply, done) => {
    if (shutdown.begun) setImmediate(() => server.server.closeIdleConnections());
    done();
  });
}

/**
 * The application as it runs, not yet listening: `rootModule` within the frame that treats every request alike. Shared
 * by the server, the tests and the generator of openapi.json. `close()` lets running requests finish, answers new ones
 * 503 and then runs the modules' `onApplicationShutdown`; it listens to no process signals.
 */
export async function createApp(
  rootModule: RootModule,
  config: Config,
  options: AppOptions = {},
): Promise<NestFastifyApplication> {
  const log = options.log ?? createLog(config.logLevel);
  const shutdown = new Shutdown();
  const adapter = new Adapter(config, shutdown);
  const app = await NestFactory.create<NestFastifyApplication>(
    Frame.around(rootModule, config, log, shutdown),
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
  readJson(server);
  admit(server, config, shutdown);
  adapter.account = accountFor(log, app.get(Metrics));
  server.addHook('onResponse', (request, reply, done) => {
    adapter.account?.(request, reply);
    done();
  });
  closeConnectionsOnShutdown(server, shutdown);
  server.addHook('preSerialization', tagEntity);
  app.useGlobalFilters(new ProblemFilter(log));
  // After the guards of the modules, so that access is decided first.
  app.useGlobalGuards(new StrictRequestGuard());
  app.useGlobalPipes(new ValidationPipe());
  serveReference(app);
  return app;
}
