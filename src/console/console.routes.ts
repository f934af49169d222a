import fastifyStatic from '@fastify/static';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CLOSED_POLICY, RequestLimiter } from '../http/index.js';
import { sendPage } from '../pages/index.js';
import { ASSETS_FOLDER, FILES_PATH } from './console-files.js';
import { ConsoleService } from './console.service.js';

/**
 * First segments below `/t/{operator}/` that belong to the console. All other paths stay 404, so that a mistyped address
 * of the API does not answer with a page.
 */
const PAGES = [
  'account',
  'choose',
  'device',
  'forgot-password',
  'o',
  'operator',
  'organizations',
  'platform',
  'register',
  'sign-in',
];

type PageRequest = FastifyRequest<{ Params: { operator: string } }>;

/** Serves the console beside the controllers: one document at all its addresses, and its files. */
@Injectable()
export class ConsoleRoutes implements OnModuleInit {
  constructor(
    private readonly console: ConsoleService,
    private readonly host: HttpAdapterHost,
    private readonly limiter: RequestLimiter,
  ) {}

  onModuleInit(): void {
    const server: FastifyInstance = this.host.httpAdapter.getInstance();
    server.get('/', (request, reply) => this.leadOn(request, reply));
    server.get('/t/:operator', (request: PageRequest, reply) =>
      reply.redirect(this.console.pathOf(encodeURIComponent(request.params.operator)), 308),
    );
    const page = (request: PageRequest, reply: FastifyReply) => this.show(request, reply);
    server.get('/t/:operator/', page);
    for (const name of PAGES) {
      server.get(`/t/:operator/${name}`, page);
      server.get(`/t/:operator/${name}/*`, page);
    }
    if (this.console.isBuilt) this.serveFiles(server);
  }

  private async show(request: PageRequest, reply: FastifyReply): Promise<FastifyReply | void> {
    if (!this.console.isBuilt)
      return sendPage(reply, {
        status: 503,
        title: 'The console was not built',
        text: 'Run `npm run build` and restart the server.',
      });
    // The access guard does this for controllers.
    this.limiter.consume(request.ip);
    const page = await this.console.page(request.params.operator);
    if (!page)
      return sendPage(reply, {
        status: 404,
        title: 'Page not found',
        text: 'No console has this address. Check the part after “/t/”, or ask who sent you here.',
      });
    return reply.header('content-security-policy', page.policy).type('text/html; charset=utf-8').send(page.html);
  }

  private async leadOn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> {
    this.limiter.consume(request.ip);
    const path = await this.console.onlyPath();
    if (path) return reply.redirect(path, 302);
    return sendPage(reply, {
      status: 200,
      title: 'Open your console',
      text: 'Several operators use this server. Open the address you were given: it ends with “/t/” and the short name of yours.',
    });
  }

  /** File names contain a hash of their content, so browsers may keep the files. */
  private serveFiles(server: FastifyInstance): void {
    void server.register(fastifyStatic, {
      root: ASSETS_FOLDER,
      prefix: `${FILES_PATH}assets/`,
      index: false,
      decorateReply: false,
      preCompressed: true,
      maxAge: '1y',
      immutable: true,
      setHeaders: (reply) => void reply.header('content-security-policy', CLOSED_POLICY),
    });
  }
}
