import { Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Origin, Public } from '../../common/access/index.js';
import { AnyRequest } from '../../common/http/index.js';
import { CurrentOrigin } from '../current-origin.js';
import { PageFilter } from '../pages/page.filter.js';
import { PAGE_POLICY } from '../pages/page.js';
import { invitationForm } from './invitation-form.js';
import { INVITATION_PATH, type InvitationPage, InvitationPages } from './invitation.pages.js';

function send(reply: FastifyReply, { status, html }: InvitationPage): void {
  void reply.code(status).header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(html);
}

/** For people with nothing but a browser: works without scripts, and is no part of the API. */
@ApiExcludeController()
@Controller(INVITATION_PATH)
@UseFilters(PageFilter)
export class InvitationPageController {
  constructor(private readonly pages: InvitationPages) {}

  @ApiOperation({
    summary:
      'The page the mailed link leads to. Scanners of mail open links too, and some add to them: it changes nothing.',
  })
  @Get()
  @Public()
  @AnyRequest()
  async showInvitation(
    @Param('operator') operator: string,
    @Param('token') token: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    send(reply, await this.pages.show(operator, token));
  }

  @ApiOperation({ summary: 'Its buttons.' })
  @Post()
  @Public()
  @AnyRequest()
  async submitInvitation(
    @Param('operator') operator: string,
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @CurrentOrigin() origin: Origin,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const form = await invitationForm(request);
    send(reply, await this.pages.submit(operator, token, form, origin));
  }
}
