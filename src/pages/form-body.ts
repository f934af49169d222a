import { parse } from 'node:querystring';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { commonErrors } from '../common/errors/index.js';

const PAGE_BYTES = 4 * 1024;
const LIMIT_BYTES = 512 * 1024;

/** Reads `application/x-www-form-urlencoded`, for the pages alone. */
@Injectable()
export class FormBody implements OnModuleInit {
  /** The routes that take what a form of a page sends; everything else takes JSON. */
  private readonly routes = new Map<string, number>();

  constructor(private readonly host: HttpAdapterHost) {}

  /** Names routes of pages with forms. */
  takeFrom(...paths: string[]): void {
    for (const path of paths) this.routes.set(`/${path}`, PAGE_BYTES);
  }

  /** Names a route that takes larger forms, which programs fill in. */
  takeLargeFrom(path: string): void {
    this.routes.set(`/${path}`, LIMIT_BYTES);
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    const options = { parseAs: 'string', bodyLimit: LIMIT_BYTES } as const;
    server.addContentTypeParser('application/x-www-form-urlencoded', options, (request, body: string, done) => {
      const limit = this.routes.get(request.routeOptions.url ?? '');
      if (limit === undefined) return done(commonErrors.unsupported_media_type());
      if (body.length > limit) return done(commonErrors.payload_too_large());
      done(null, { ...parse(body) });
    });
  }
}
