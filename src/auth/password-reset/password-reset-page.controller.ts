import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Origin, Public } from '../../common/access/index.js';
import { AnyRequest } from '../../http/index.js';
import { CurrentOrigin } from '../current-origin.js';
import { ForPeople, sendPage } from '../../pages/index.js';
import { ResetPassword } from './password-reset.dto.js';
import { PasswordResetPages, RESET_PASSWORD_PATH } from './password-reset.pages.js';

@ForPeople()
@Controller(RESET_PASSWORD_PATH)
export class PasswordResetPageController {
  constructor(private readonly pages: PasswordResetPages) {}

  @Get()
  @Public()
  @AnyRequest()
  async showResetPassword(
    @Param('operator') operator: string,
    @Query() query: object,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { token } = query as { token?: unknown };
    sendPage(reply, await this.pages.show(operator, typeof token === 'string' ? token : ''));
  }

  @Post()
  @Public()
  async submitResetPassword(
    @Param('operator') operator: string,
    @Body() input: ResetPassword,
    @CurrentOrigin() origin: Origin,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.submit(operator, input, origin));
  }
}
