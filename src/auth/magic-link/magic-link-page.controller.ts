import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Origin, Public } from '../../common/access/index.js';
import { AnyRequest } from '../../http/index.js';
import { CurrentOrigin } from '../current-origin.js';
import { ForPeople, sendPage } from '../../pages/index.js';
import { EndMagicLink } from './magic-link.dto.js';
import { MAGIC_LINK_PATH, MagicLinkPages } from './magic-link.pages.js';

@ForPeople()
@Controller(MAGIC_LINK_PATH)
export class MagicLinkPageController {
  constructor(private readonly pages: MagicLinkPages) {}

  @Get()
  @Public()
  @AnyRequest()
  async showMagicLink(
    @Param('operator') operator: string,
    @Query() query: object,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { token } = query as { token?: unknown };
    sendPage(reply, await this.pages.show(operator, typeof token === 'string' ? token : ''));
  }

  @Post()
  @Public()
  async endMagicLink(
    @Param('operator') operator: string,
    @Body() input: EndMagicLink,
    @CurrentOrigin() origin: Origin,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.end(operator, input.token, origin));
  }
}
