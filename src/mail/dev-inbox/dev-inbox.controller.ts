import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { AnyRequest } from '../../http/index.js';
import { DevInboxAccessService } from './dev-inbox-access.service.js';
import { DevInboxService, type InboxMail } from './dev-inbox.service.js';
import { listPage, MAIL_POLICY, mailPage, type RenderedPage } from './dev-inbox.pages.js';

const send = (reply: FastifyReply, { policy, html }: RenderedPage): void =>
  void reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html);

/** Shows the mails of a server without a mail server to browsers that opened the link of the start. All others get 404. */
@ApiExcludeController()
@Public()
@AnyRequest()
@Controller('dev/mail')
export class DevInboxController {
  constructor(
    private readonly access: DevInboxAccessService,
    private readonly inbox: DevInboxService,
  ) {}

  @Get()
  async showInbox(@Req() request: FastifyRequest, @Query() query: object, @Res() reply: FastifyReply): Promise<void> {
    this.assertMayRead(request);
    const { before } = query as { before?: unknown };
    send(reply, listPage(await this.inbox.page(typeof before === 'string' ? before : undefined)));
  }

  @Get('open')
  openInbox(@Req() request: FastifyRequest, @Query() query: object, @Res() reply: FastifyReply): void {
    const { token } = query as { token?: unknown };
    if (!this.access.open(token, reply)) this.assertMayRead(request);
    void reply.header('referrer-policy', 'no-referrer').redirect('/dev/mail', 303);
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
    if (!this.access.mayRead(request)) throw commonErrors.not_found();
  }

  private async get(id: string): Promise<InboxMail> {
    const mail = await this.inbox.find(id);
    if (!mail) throw commonErrors.not_found();
    return mail;
  }
}
