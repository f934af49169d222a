import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../../../common/access/index.js';
import { AcceptsForm, AnyRequest, IdParam } from '../../../../http/index.js';
import { TextField } from '../../../../common/validation/index.js';
import { HtmlPage, sendPage } from '../../../../pages/index.js';
import { SandboxService, SANDBOX_PATH } from './sandbox.service.js';

class PressedButton {
  @TextField({ max: 20 })
  do: string;
}

@HtmlPage()
@Controller(SANDBOX_PATH)
export class SandboxController {
  constructor(private readonly sandbox: SandboxService) {}

  @ApiOperation({ summary: 'Show the sandbox checkout page.' })
  @Get()
  @Public()
  @AnyRequest()
  async showCheckout(
    @Param('orgId', IdParam) organizationId: string,
    @Param('topUpId', IdParam) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.sandbox.page(organizationId, id));
  }

  @ApiOperation({ summary: 'Press a button on the sandbox checkout page.' })
  @Post()
  @Public()
  @AcceptsForm()
  async pressButton(
    @Param('orgId', IdParam) organizationId: string,
    @Param('topUpId', IdParam) id: string,
    @Body() input: PressedButton,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const back = await this.sandbox.press(organizationId, id, input.do);
    const page = await this.sandbox.page(organizationId, id);
    if (back === null) sendPage(reply, page);
    else void reply.redirect(back, 303);
  }
}
