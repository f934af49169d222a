import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessGuard } from './access.guard.js';
import { type RouteRule, RouteRules } from './route-rules.js';

/** Reading and parsing less costs no more than refusing it. */
const LARGE_BYTES = 64 * 1024;

/** Tells whether a request has a large body, or one whose length is not announced. Files are read after the guards. */
const isLarge = ({ headers }: FastifyRequest): boolean =>
  !(headers['content-type'] ?? '').startsWith('multipart/') &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > LARGE_BYTES);

/**
 * Checks access before a large body is read. The guards run when a body is parsed already, so that strangers could make the server
 * read and parse the largest one.
 */
@Injectable()
export class LargeBodyHook implements OnModuleInit {
  private readonly rules = new Map<string, RouteRule>();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly guard: AccessGuard,
    private readonly routes: RouteRules,
  ) {}

  onModuleInit(): void {
    for (const route of this.routes.all()) this.rules.set(`${route.method} /${route.path}`, route);
    const server = this.host.httpAdapter?.getInstance<Partial<FastifyInstance> | undefined>();
    // Commands of `ops` run without a server.
    server?.addHook?.('preParsing', (request, reply, _payload, done) => {
      if (!isLarge(request)) return done();
      this.check(request, reply).then(() => done(), done);
    });
  }

  private async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const route = this.rules.get(`${request.method} ${request.routeOptions.url}`);
    if (!route?.rule || route.rule.level === 'public') return;
    const context = new ExecutionContextHost([request, reply]);
    await this.guard.admit(context, route.rule, route.unlimited);
  }
}
