import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { AnyRequest, isLocal, isLoopbackHost } from '../../http/index.js';
import { Inbox, type InboxMail } from './inbox.js';
import { INBOX_POLICY, listPage, MAIL_POLICY, mailPage } from './inbox.pages.js';

const send = (reply: FastifyReply, policy: string, html: string): void =>
  void reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html);

/** The mails of a server that has no mail server, for whoever sits at the same machine; for all others there is nothing. */
@ApiExcludeController()
@Public()
@AnyRequest()
@Controller('dev/mail')
export class InboxController {
  constructor(
    private readonly config: Config,
    private readonly inbox: Inbox,
  ) {}

  @Get()
  async showInbox(@Req() request: FastifyRequest, @Query() query: object, @Res() reply: FastifyReply): Promise<void> {
    this.assertMayRead(request);
    const { before } = query as { before?: unknown };
    send(reply, INBOX_POLICY, listPage(await this.inbox.page(typeof before === 'string' ? before : undefined)));
  }

  @Get(':mailId')
  async showMail(
    @Req() request: FastifyRequest,
    @Param('mailId') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.assertMayRead(request);
    send(reply, INBOX_POLICY, mailPage(await this.get(id)));
  }

  @Get(':mailId/html')
  async showMailHtml(
    @Req() request: FastifyRequest,
    @Param('mailId') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.assertMayRead(request);
    const { html } = await this.get(id);
    send(reply.header('x-frame-options', 'SAMEORIGIN'), MAIL_POLICY, html);
  }

  /** Throws not_found, as for a route that is not there. */
  private assertMayRead(request: FastifyRequest): void {
    if (this.config.smtpUrl || !isLocal(request) || !isLoopbackHost(request.headers.host))
      throw commonErrors.not_found();
  }

  /** Throws not_found. */
  private async get(id: string): Promise<InboxMail> {
    const mail = await this.inbox.find(id);
    if (!mail) throw commonErrors.not_found();
    return mail;
  }
}
