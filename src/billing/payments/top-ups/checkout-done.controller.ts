import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../../common/access/index.js';
import { AnyRequest } from '../../../http/index.js';
import { HtmlPage, nextLink, pageOperator, sendPage, themeOfRequest } from '../../../pages/index.js';

/** Serves the page that a checkout returns to when the top-up has no return URL. */
@HtmlPage()
@Controller('t/:operator/checkout-done')
export class CheckoutDoneController {
  @ApiOperation({ summary: 'Show the page that payers return to after a checkout.' })
  @Get()
  @Public()
  @AnyRequest()
  showCheckoutDone(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    pageOperator(request);
    sendPage(reply, {
      status: 200,
      title: 'Thank you',
      text: 'The credits are added as soon as the payment is confirmed.',
      link: nextLink('checkout-done', themeOfRequest(request), {}),
    });
  }
}
