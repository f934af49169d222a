import { Controller, Headers, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public, systemActor } from '../../../common/access/index.js';
import { AnyRequest, originOf, ApiErrors } from '../../../http/index.js';
import { BooleanField } from '../../../common/validation/index.js';
import { PaymentService } from './payment.service.js';

class PaymentEventView {
  @BooleanField({ description: 'The event does not need to be sent again.' })
  received: boolean;

  @BooleanField({ description: 'The event had already been received.' })
  duplicate: boolean;
}

@ApiTags('Payments')
@Controller('webhooks/payments')
export class PaymentController {
  constructor(private readonly payments: PaymentService) {}

  @ApiOperation({
    summary: 'Receive a signed event from a payment provider, `stripe` or `sandbox`.',
    description:
      "Uses Stripe's format, with a signature over the raw body. Each event is applied once, and events can arrive in any order. " +
      'The purchased credits, the price and the buyer always come from the top-up, never from the event.',
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
    const outcome = await this.payments.receiveEvent(provider, request.rawBody ?? Buffer.alloc(0), signature, actor);
    return { received: true, duplicate: outcome === 'duplicate' };
  }
}
