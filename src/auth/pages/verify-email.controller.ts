import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Origin, Public } from '../../common/access/index.js';
import { AnyRequest } from '../../http/index.js';
import { CurrentOrigin } from '../current-origin.js';
import { VerifyEmail } from '../credentials/registration.dto.js';
import { ForPeople, sendPage } from '../../pages/index.js';
import { VERIFY_EMAIL_PATH, VerifyEmailPages } from './verify-email.pages.js';

@ForPeople()
@Controller(VERIFY_EMAIL_PATH)
export class VerifyEmailController {
  constructor(private readonly pages: VerifyEmailPages) {}

  @ApiOperation({
    summary:
      'The page the mailed link leads to. Scanners of mail open links too, and some add to them: it changes nothing.',
  })
  @Get()
  @Public()
  @AnyRequest()
  async showVerifyEmail(
    @Param('operator') operator: string,
    @Query() query: object,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { token } = query as { token?: unknown };
    sendPage(reply, await this.pages.show(operator, typeof token === 'string' ? token : ''));
  }

  @ApiOperation({ summary: 'Its button.' })
  @Post()
  @Public()
  async submitVerifyEmail(
    @Param('operator') operator: string,
    @Body() input: VerifyEmail,
    @CurrentOrigin() origin: Origin,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.submit(operator, input.token, origin));
  }
}
