import { parse } from 'node:querystring';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { commonErrors } from '../../common/errors/index.js';
import { CONFIRM_EMAIL_PATH } from '../email-change/confirm-email.pages.js';
import { INVITATION_PATH } from '../invitations/invitation.pages.js';
import { MAGIC_LINK_PATH } from '../magic-link/magic-link.pages.js';
import { RESET_PASSWORD_PATH } from '../password-reset/password-reset.pages.js';
import { VERIFY_EMAIL_PATH } from './verify-email.pages.js';

/** The routes that take what a form of a page sends; everything else takes JSON. */
const FORM_ROUTES = new Set(
  [INVITATION_PATH, VERIFY_EMAIL_PATH, RESET_PASSWORD_PATH, MAGIC_LINK_PATH, CONFIRM_EMAIL_PATH].map(
    (path) => `/${path}`,
  ),
);
const LIMIT_BYTES = 4 * 1024;

/** Reads `application/x-www-form-urlencoded`, for the pages alone. */
@Injectable()
export class FormBody implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    const options = { parseAs: 'string', bodyLimit: LIMIT_BYTES } as const;
    server.addContentTypeParser('application/x-www-form-urlencoded', options, (request, body: string, done) => {
      if (!FORM_ROUTES.has(request.routeOptions.url ?? '')) return done(commonErrors.unsupported_media_type());
      done(null, { ...parse(body) });
    });
  }
}
