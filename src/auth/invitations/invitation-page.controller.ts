import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Origin, Public } from '../../common/access/index.js';
import { AnyRequest } from '../../http/index.js';
import { CurrentOrigin } from '../current-origin.js';
import { ForPeople, sendPage } from '../../pages/index.js';
import { invitationForm } from './invitation-form.js';
import { INVITATION_PATH, InvitationPages } from './invitation.pages.js';

@ForPeople()
@Controller(INVITATION_PATH)
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
    sendPage(reply, await this.pages.show(operator, token));
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
    sendPage(reply, await this.pages.submit(operator, token, invitationForm(request.body), origin));
  }
}
