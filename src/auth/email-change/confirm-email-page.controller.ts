import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Origin, Public } from '../../common/access/index.js';
import { AnyRequest } from '../../http/index.js';
import { CurrentOrigin } from '../current-origin.js';
import { ForPeople, sendPage } from '../../pages/index.js';
import { CONFIRM_EMAIL_PATH, ConfirmEmailPages } from './confirm-email.pages.js';
import { ConfirmEmail } from './email-change.dto.js';

@ForPeople()
@Controller(CONFIRM_EMAIL_PATH)
export class ConfirmEmailPageController {
  constructor(private readonly pages: ConfirmEmailPages) {}

  @Get()
  @Public()
  @AnyRequest()
  async showConfirmEmail(
    @Param('operator') operator: string,
    @Query() query: object,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { token } = query as { token?: unknown };
    sendPage(reply, await this.pages.show(operator, typeof token === 'string' ? token : ''));
  }

  @Post()
  @Public()
  async submitConfirmEmail(
    @Param('operator') operator: string,
    @Body() input: ConfirmEmail,
    @CurrentOrigin() origin: Origin,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.submit(operator, input.token, origin));
  }
}
