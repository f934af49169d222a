import { FastifyAdapter } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { commonErrors } from '../common/errors/index.js';
import { problemOf } from './problems/problem.js';
import { withoutScimSlash } from './scim.js';
import type { Config } from '../common/config/index.js';
import { requestIdOf } from './requests/request-id.js';
import { securityHeaders } from './responses/security-headers.js';
import { sendProblem } from './problems/problem.js';
import { toErrorResponse } from './problems/refusal.js';
import type { Shutdown } from './health/index.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** One byte more than an upload may have, to distinguish a file of exactly the limit from a larger one. */
const FILE_LIMIT_BYTES = 512 * 1024 + 1;
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 15_000;
const SILENCE_TIMEOUT_MS = 60_000;
/** Longer than load balancers keep an idle connection, so that they close it and not this server. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Shorter than the 30 s that orchestrators wait between SIGTERM and SIGKILL. */
const SHUTDOWN_LIMIT_MS = 20_000;
/** Limit of characters in one path segment. An id has 36. */
export const MAX_PARAM_LENGTH = 300;

/** Believes as many addresses at the end of X-Forwarded-For as there are proxies, or those in their networks. */
function trustProxy({ trustProxy: given }: Config): FastifyServerOptions['trustProxy'] {
  return typeof given === 'number' ? (_, hop) => hop < given : (given ?? false);
}

/** Records a request after its response was sent. */
export type Account = (request: FastifyRequest, reply: FastifyReply) => void;

const MULTIPART = {
  // With a smaller value busboy hangs after a part without Content-Disposition. The option is missing in the types.
  fileHwm: BODY_LIMIT_BYTES,
  limits: { fileSize: FILE_LIMIT_BYTES, files: 1, fields: 5, parts: 6, fieldSize: 64 * 1024, headerPairs: 20 },
};

const STATUS_OF_PARSER: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Responds to input that is not HTTP directly on the connection and closes it. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket, headers: Record<string, string>): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = STATUS_OF_PARSER[error.code ?? ''] ?? 400;
  const requestId = randomUUID();
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ ...problemOf(commonErrors.malformed_request(), requestId), status, title });
  const lines = Object.entries({
    ...headers,
    'x-request-id': requestId,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy());
}

/** Fastify with limits on sizes and on the time that clients may take to send or stay silent. */
export class HttpAdapter extends FastifyAdapter {
  /** Also called for responses for which Fastify runs no hooks. */
  account: Account | undefined;

  constructor(
    config: Config,
    private readonly shutdown: Shutdown,
  ) {
    super({
      trustProxy: trustProxy(config),
      bodyLimit: BODY_LIMIT_BYTES,
      rewriteUrl: ({ url = '/' }) => withoutScimSlash(url),
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionTimeout: SILENCE_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      http: { headersTimeout: HEADERS_TIMEOUT_MS, requireHostHeader: false },
      clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) =>
        refuseUnreadable(error, socket, securityHeaders(config)),
      routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
      forceCloseConnections: 'idle',
      // `admit` sends a problem document instead.
      return503OnClosing: false,
      genReqId: requestIdOf,
      frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
        reply.raw.once('finish', () => this.account?.(request, reply));
        reply.headers(securityHeaders(config));
        sendProblem(request, reply, toErrorResponse(error).refusal);
      },
      multipart: MULTIPART,
      // No middleware: it was bypassed by unusual paths before, and it slows every request down.
      skipMiddie: true,
    });
  }

  override beforeClose(): void {
    this.shutdown.begin();
    super.beforeClose();
  }

  override async close(): Promise<void> {
    // Closes the connections of clients that are still sending or reading, so that they cannot delay the stop.
    const limit = setTimeout(() => this.instance.server.closeAllConnections(), SHUTDOWN_LIMIT_MS);
    try {
      await super.close();
    } finally {
      clearTimeout(limit);
    }
  }
}
