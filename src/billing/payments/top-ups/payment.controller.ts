import { Controller, Headers, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public, systemActor } from '../../../common/access/index.js';
import { AnyRequest, originOf, ApiErrors } from '../../../http/index.js';
import { BooleanField } from '../../../common/validation/index.js';
import { Payments } from './payment.service.js';

class PaymentEventView {
  @BooleanField({ description: 'It needs not be sent again.' })
  received: boolean;

  @BooleanField({ description: 'It had been received before.' })
  duplicate: boolean;
}

@ApiTags('Payments')
@Controller('webhooks/payments')
export class PaymentController {
  constructor(private readonly payments: Payments) {}

  @ApiOperation({
    summary: 'Signed events from a payment provider, `stripe` or `sandbox`.',
    description:
      'In the form of Stripe, signed over the body as it is. Each event counts once, in whatever order they come; what is bought, ' +
      'for how much and by whom is that of our own top-up, never of the event.',
  })
  @Post(':provider')
  @HttpCode(200)
  @Public()
  @AnyRequest()
  @ApiHeader({ name: 'Stripe-Signature', required: true, description: '`t=…,v1=…`, at most 300 seconds old.' })
  @ApiBody({ schema: { type: 'object', additionalProperties: true } })
  @ApiErrors('top_ups.provider_not_found', 'top_ups.invalid_signature', 'top_ups.invalid_event')
  @ApiOkResponse({ type: PaymentEventView })
  async receivePaymentEvent(
    @Param('provider') provider: string,
    @Headers('stripe-signature') signature: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<PaymentEventView> {
    const actor = { ...systemActor(), origin: originOf(request) };
    const hearing = await this.payments.receive(provider, request.rawBody ?? Buffer.alloc(0), signature, actor);
    return { received: true, duplicate: hearing === 'duplicate' };
  }
}
