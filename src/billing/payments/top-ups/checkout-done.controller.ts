import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../../common/access/index.js';
import { AnyRequest } from '../../../http/index.js';
import { operatorErrors, Operators } from '../../../operators/index.js';
import { ForPeople, sendPage } from '../../../pages/index.js';

/** Where payers come back to who named no other place. */
@ForPeople()
@Controller('t/:operator/checkout-done')
export class CheckoutDoneController {
  constructor(private readonly operators: Operators) {}

  /** Throws operators.not_found. */
  @ApiOperation({ summary: 'Thanks.' })
  @Get()
  @Public()
  @AnyRequest()
  async showCheckoutDone(@Param('operator') operator: string, @Res() reply: FastifyReply): Promise<void> {
    if (!(await this.operators.findBySlug(operator))) throw operatorErrors.not_found();
    sendPage(reply, {
      status: 200,
      title: 'Thank you',
      text: 'As soon as the payment is confirmed, the credits are there. You can close this page.',
    });
  }
}
