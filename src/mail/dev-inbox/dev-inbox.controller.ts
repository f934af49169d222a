import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { AnyRequest, isLocal, isLoopbackHost } from '../../http/index.js';
import { DevInboxService, type InboxMail } from './dev-inbox.service.js';
import { listPage, MAIL_POLICY, mailPage, type RenderedPage } from './dev-inbox.pages.js';

const send = (reply: FastifyReply, { policy, html }: RenderedPage): void =>
  void reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html);

/** Shows the mails of a server without a mail server to browsers on the same machine. All others get 404. */
@ApiExcludeController()
@Public()
@AnyRequest()
@Controller('dev/mail')
export class DevInboxController {
  constructor(
    private readonly config: Config,
    private readonly inbox: DevInboxService,
  ) {}

  @Get()
  async showInbox(@Req() request: FastifyRequest, @Query() query: object, @Res() reply: FastifyReply): Promise<void> {
    this.assertMayRead(request);
    const { before } = query as { before?: unknown };
    send(reply, listPage(await this.inbox.page(typeof before === 'string' ? before : undefined)));
  }

  @Get(':mailId')
  async showMail(
    @Req() request: FastifyRequest,
    @Param('mailId') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.assertMayRead(request);
    send(reply, mailPage(await this.get(id)));
  }

  @Get(':mailId/html')
  async showMailHtml(
    @Req() request: FastifyRequest,
    @Param('mailId') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.assertMayRead(request);
    const { html } = await this.get(id);
    send(reply.header('x-frame-options', 'SAMEORIGIN'), { policy: MAIL_POLICY, html });
  }

  /** Answers like a route that does not exist. */
  private assertMayRead(request: FastifyRequest): void {
    if (this.config.smtpUrl || !isLocal(request) || !isLoopbackHost(request.headers.host))
      throw commonErrors.not_found();
  }

  private async get(id: string): Promise<InboxMail> {
    const mail = await this.inbox.find(id);
    if (!mail) throw commonErrors.not_found();
    return mail;
  }
}
