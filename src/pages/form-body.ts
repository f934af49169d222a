import { parse } from 'node:querystring';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { commonErrors } from '../common/errors/index.js';

const LIMIT_BYTES = 4 * 1024;

/** Reads `application/x-www-form-urlencoded`, for the pages alone. */
@Injectable()
export class FormBody implements OnModuleInit {
  /** The routes that take what a form of a page sends; everything else takes JSON. */
  private readonly routes = new Set<string>();

  constructor(private readonly host: HttpAdapterHost) {}

  /** Names routes of pages with forms. */
  takeFrom(...paths: string[]): void {
    for (const path of paths) this.routes.add(`/${path}`);
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    const options = { parseAs: 'string', bodyLimit: LIMIT_BYTES } as const;
    server.addContentTypeParser('application/x-www-form-urlencoded', options, (request, body: string, done) => {
      if (!this.routes.has(request.routeOptions.url ?? '')) return done(commonErrors.unsupported_media_type());
      done(null, { ...parse(body) });
    });
  }
}
